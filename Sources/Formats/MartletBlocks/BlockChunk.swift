/// A run of samples of one series.
public struct BlockChunk: Sendable {
    /// One sample.
    public enum Sample: Hashable, Sendable {
        /// A number.
        case number(Double)
        /// A native histogram.
        case histogram(BlockHistogram)
    }

    /// How samples are packed.
    private enum Encoding: UInt8 {
        case xor = 1
        case histogram = 2
        case floatHistogram = 3
    }

    private static let magic: UInt64 = 0x85bd_40dd

    /// Checks the first bytes of a file of the directory `chunks`.
    ///
    /// - Throws: ``BlockError``, or what the file throws.
    public static func check(_ file: any BlockBytes) throws {
        guard file.count >= 8 else { throw BlockError.truncated("the file of chunks", at: file.count) }
        var reader = ByteReader(try file.read(0..<8), what: "the file of chunks")
        guard try reader.fixed(4) == magic else { throw BlockError("the file is no file of chunks") }
        let version = try reader.fixed(1)
        guard version == 1 else { throw BlockError("the file of chunks has version \(version), not 1") }
    }

    /// Reads the samples of a chunk.
    ///
    /// - Parameters:
    ///   - file: The file of chunks.
    ///   - offset: Where in the file the chunk begins.
    ///   - body: Gets the time, in milliseconds since the epoch, and the sample.
    /// - Throws: ``BlockError``, what the file throws, or what the body throws.
    public static func read(
        _ file: any BlockBytes,
        at offset: Int,
        _ body: (Int64, Sample) throws -> Void
    ) throws {
        guard offset >= 0, offset < file.count else { throw BlockError.truncated("the file of chunks", at: file.count) }
        let head = try file.read(offset..<min(offset + 10, file.count))
        var reader = ByteReader(head, what: "a chunk")
        let size = try reader.unsigned()
        let start = offset + reader.at
        guard size <= UInt64(file.count - start), start + 1 + Int(size) + 4 <= file.count else {
            throw BlockError.truncated("the file of chunks", at: file.count)
        }
        let bytes = try file.read(start..<(start + 1 + Int(size) + 4))
        let content = bytes.dropLast(4)
        var checksum = ByteReader(bytes, content.endIndex..<bytes.count, what: "a chunk")
        guard Checksum.of(content) == UInt32(truncatingIfNeeded: try checksum.fixed(4)) else {
            throw BlockError("the checksum of the chunk at byte \(offset) is wrong")
        }
        let data = Array(content.dropFirst())
        switch Encoding(rawValue: bytes[0]) {
        case .xor:
            try XORChunk.read(data) { try body($0, .number($1)) }
        case .histogram:
            try HistogramChunk.read(integers: data) { try body($0, .histogram($1)) }
        case .floatHistogram:
            try HistogramChunk.read(floats: data) { try body($0, .histogram($1)) }
        case nil:
            throw BlockError("the chunk at byte \(offset) has the unknown encoding \(bytes[0])")
        }
    }
}
