/// What was deleted from a block but not yet removed.
public struct Tombstones: Sendable {
    private static let magic: UInt64 = 0x0130_ba30
    private var ranges: [UInt64: [ClosedRange<Int64>]] = [:]

    /// Nothing was deleted.
    public init() {}

    /// Reads the file `tombstones`.
    ///
    /// - Throws: ``BlockError``.
    public init(_ bytes: [UInt8]) throws(BlockError) {
        guard bytes.count >= 9 else { throw .truncated("the file of tombstones", at: bytes.count) }
        var reader = ByteReader(bytes, 0..<(bytes.count - 4), what: "the file of tombstones")
        guard try reader.fixed(4) == Self.magic, try reader.fixed(1) == 1 else {
            throw BlockError("the file is no file of tombstones of version 1")
        }
        var checksum = ByteReader(bytes, (bytes.count - 4)..<bytes.count, what: "the file of tombstones")
        guard Checksum.of(bytes[5..<(bytes.count - 4)]) == UInt32(truncatingIfNeeded: try checksum.fixed(4)) else {
            throw BlockError("the checksum of the file of tombstones is wrong")
        }
        while !reader.isAtEnd {
            let reference = try reader.unsigned()
            let (start, end) = (try reader.signed(), try reader.signed())
            if start <= end { ranges[reference, default: []].append(start...end) }
        }
    }

    /// The times that were deleted of a series.
    public func ranges(of reference: UInt64) -> [ClosedRange<Int64>] { ranges[reference] ?? [] }
}
