import MartletFiles

/// Compresses parts of blocks; the engine's port to whatever does it.
public protocol BlockCodec: Sendable {
    /// The bytes compressed, as one whole; `level` says how hard to try, from 1 (fast) on.
    func compress(_ bytes: [UInt8], level: Int) -> [UInt8]

    /// The bytes that others stand for; `nil` where they are damaged or not as many as `count`.
    func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]?
}

/// Leaves bytes as they are.
public struct PlainCodec: BlockCodec {
    /// Creates the codec.
    public init() {}

    /// The bytes.
    public func compress(_ bytes: [UInt8], level: Int) -> [UInt8] { bytes }

    /// The bytes, where there are as many as expected.
    public func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? { bytes.count == count ? bytes : nil }
}

/// Bytes that are compressed where that helps: how many they were, then whether they are compressed, then they.
package enum PackedBytes {
    private static let largest = 256 << 20

    /// Appends bytes.
    package static func append(_ content: [UInt8], _ codec: any BlockCodec, level: Int, to bytes: inout [UInt8]) {
        let packed = content.count < 32 ? content : codec.compress(content, level: level)
        bytes.append(varint: UInt64(content.count))
        if packed.count < content.count {
            bytes.append(1)
            bytes += packed
        } else {
            bytes.append(0)
            bytes += content
        }
    }

    /// The bytes again, `nil` where they are damaged.
    package static func read(_ bytes: Span<UInt8>, _ codec: any BlockCodec) -> [UInt8]? {
        var at = 0
        guard let count = bytes.varint(&at), count <= UInt64(largest), at < bytes.count else { return nil }
        let content = bytes.extracting((at + 1)..<bytes.count).array
        switch bytes[at] {
        case 0: return content.count == Int(count) ? content : nil
        case 1: return codec.decompress(content, count: Int(count))
        default: return nil
        }
    }
}
