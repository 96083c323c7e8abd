import MartletCore
import MartletFiles

/// How far a file was read and stored.
struct FileCheckpoint: Hashable, Sendable {
    var path: String
    var identity: OpenFile.Identity
    var offset: Int
    /// The checksum of the file's first bytes, which tells it from another with the same inode, and how many they are.
    var fingerprint: UInt32
    var fingerprintBytes: Int

    /// How many bytes are looked at to know a file again.
    static let fingerprintMax = 1_024

    /// The checksum of a file's first bytes.
    static func fingerprint(of file: OpenFile, count: Int) -> UInt32 {
        CRC32C.checksum(file.read(at: 0, count: count).span)
    }

    /// Whether this tells of a file.
    func isOf(_ file: OpenFile) -> Bool {
        identity == file.identity && file.size >= fingerprintBytes
            && Self.fingerprint(of: file, count: fingerprintBytes) == fingerprint
    }

    /// The checkpoints as JSON.
    static func json(_ checkpoints: [FileCheckpoint]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { list in
            for entry in checkpoints {
                list.object { object in
                    object.member("path", entry.path)
                    object.member("device", entry.identity.device)
                    object.member("inode", entry.identity.inode)
                    object.member("offset", entry.offset)
                    object.member("fingerprint", entry.fingerprint)
                    object.member("fingerprint_bytes", entry.fingerprintBytes)
                }
            }
        }
        return writer.bytes
    }

    /// The checkpoints that JSON tells of; what cannot be read is left out.
    static func read(_ bytes: [UInt8]) -> [FileCheckpoint] {
        guard let value = try? JSONParser.parse(bytes) else { return [] }
        return (value.elements ?? []).compactMap { entry in
            guard let path = entry["path"]?.text, let device = entry["device"]?.integer(UInt64.self),
                let inode = entry["inode"]?.integer(UInt64.self), let offset = entry["offset"]?.integer(Int.self),
                offset >= 0,
                let fingerprint = entry["fingerprint"]?.integer(UInt32.self),
                let count = entry["fingerprint_bytes"]?.integer(Int.self), (0...fingerprintMax).contains(count)
            else { return nil }
            return FileCheckpoint(
                path: path,
                identity: OpenFile.Identity(device: device, inode: inode),
                offset: offset,
                fingerprint: fingerprint,
                fingerprintBytes: count
            )
        }
    }
}
