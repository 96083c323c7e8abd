import MartletCore
import MartletFiles

/// Names, and small files that are replaced whole.
struct AuditFiles: Sendable {
    static let formatText = "martlet audit 1\n"

    /// What a name in the folder of blocks stands for.
    enum Kind: String, Sendable {
        case block
        case tombstone
        case open
    }

    let directory: String
    let fileSystem: any FileSystem

    var blocks: String { "\(directory)/blocks" }
    var key: String { "\(directory)/key" }
    var checkpoints: String { "\(directory)/checkpoints.jsonl" }
    var holds: String { "\(directory)/holds.json" }
    var identity: String { "\(directory)/identity" }

    func path(_ number: UInt64, _ kind: Kind) -> String { "\(blocks)/\(Self.padded(number)).\(kind.rawValue)" }

    static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }

    /// The number and kind of a name; `nil` for another.
    static func parse(_ name: String) -> (number: UInt64, kind: Kind)? {
        let parts = name.split(separator: ".")
        guard parts.count == 2, let number = UInt64(parts[0]), number > 0, let kind = Kind(rawValue: String(parts[1]))
        else {
            return nil
        }
        return (number, kind)
    }

    /// The numbers of blocks that there is anything of, in order.
    func numbers() throws(FileError) -> [UInt64] {
        Set(try fileSystem.list(blocks).compactMap { Self.parse($0)?.number }).sorted()
    }

    /// The bytes of a small file; `nil` where it does not exist.
    func read(_ path: String) throws(FileError) -> [UInt8]? {
        do throws(FileError) {
            return try fileSystem.map(path).withBytes { bytes in
                var copy: [UInt8] = []
                copy.append(span: bytes)
                return copy
            }
        } catch  where error.code == FileError.missing {
            return nil
        }
    }

    /// Writes a file under another name, makes it durable, and gives it its name.
    func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        try fileSystem.remove(path + ".tmp")
        let file = try fileSystem.create(path + ".tmp")
        do throws(FileError) {
            if !bytes.isEmpty { try file.write(bytes.span) }
            try file.sync()
            try file.close()
        } catch {
            // Another error here adds nothing to the one being told.
            try? file.close()
            throw error
        }
        try fileSystem.rename(path + ".tmp", to: path)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try fileSystem.syncDirectory(folder)
    }

    /// What is left of a block whose events were deleted; `nil` where the file does not tell.
    func tombstone(_ number: UInt64) throws(FileError) -> AuditTombstone? {
        guard let bytes = try read(path(number, .tombstone)) else { return nil }
        return AuditTombstone(bytes)
    }

    /// The checkpoints in their order, and how many lines are none.
    func readCheckpoints() throws(FileError) -> (heads: [AuditHead], damaged: Int) {
        guard let bytes = try read(checkpoints) else { return ([], 0) }
        var heads: [AuditHead] = []
        var damaged = 0
        for line in bytes.split(separator: 0x0a) {
            if let head = AuditHead(line: String(decoding: line, as: UTF8.self)) {
                heads.append(head)
            } else {
                damaged += 1
            }
        }
        return (heads, damaged)
    }
}

/// What stays of a block whose events were deleted: enough for the chain to go on.
struct AuditTombstone: Sendable {
    var summary: AuditBlockSummary
    var hash: AuditHash
    var deleted: Int64
    var reason: String

    /// The file's text.
    var text: String {
        var writer = JSONWriter()
        writer.object { object in
            summary.write(to: &object)
            object.member("hash", "\(hash)")
            object.member("deleted", RFC3339.shortString(nanosecondsSinceEpoch: deleted))
            object.member("reason", reason)
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    init(summary: AuditBlockSummary, hash: AuditHash, deleted: Int64, reason: String) {
        self.summary = summary
        self.hash = hash
        self.deleted = deleted
        self.reason = reason
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes), let summary = AuditBlockSummary(value),
            let hash = AuditHash(value["hash"])
        else { return nil }
        self.summary = summary
        self.hash = hash
        deleted = value["deleted"]?.text.flatMap { RFC3339.nanosecondsSinceEpoch($0) } ?? 0
        reason = value["reason"]?.text ?? ""
    }
}
