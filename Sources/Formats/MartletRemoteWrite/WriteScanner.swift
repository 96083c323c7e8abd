public import MartletProtobuf

/// Walks a remote-write request from its first byte to its last without making a value of it.
///
/// - SeeAlso: [Remote write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/),
///   [2.0](https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/)
public struct WriteScanner: Sendable {
    /// What the request may hold at most.
    public var limits: WriteLimits

    @usableFromInline var seriesCount = 0
    @usableFromInline var sampleCount = 0
    @usableFromInline var extraCount = 0

    /// Creates a scanner.
    public init(limits: WriteLimits = WriteLimits()) {
        self.limits = limits
    }

    @inlinable
    @inline(__always)
    mutating func countSeries(_ offset: Int) throws(RemoteWriteError) {
        seriesCount += 1
        guard seriesCount <= limits.series else {
            throw .limitExceeded("series", limit: limits.series, offset: offset)
        }
    }

    @inlinable
    @inline(__always)
    mutating func countSample(_ offset: Int) throws(RemoteWriteError) {
        sampleCount += 1
        guard sampleCount <= limits.samples else {
            throw .limitExceeded("samples", limit: limits.samples, offset: offset)
        }
    }

    @inlinable
    mutating func countExtra(_ offset: Int) throws(RemoteWriteError) {
        extraCount += 1
        guard extraCount <= limits.extras else {
            throw .limitExceeded("exemplars and descriptions", limit: limits.extras, offset: offset)
        }
    }

    /// Reads `Sample`, which both versions share.
    @inlinable
    @inline(__always)
    mutating func sample(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RemoteWriteError) -> (timestamp: Int64, value: Double) {
        if let common = Self.commonSample(bytes, range) { return common }
        var cursor = WireCursor(range)
        var (timestamp, value) = (Int64(0), 0.0)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 1: value = Double(bitPattern: try cursor.fixed64(bytes))
            case 2 << 3: timestamp = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(tag, known: { $0 <= 2 }, bytes, offset: offset)
            }
        }
        return (timestamp, value)
    }

    /// A sample as all senders write one of this time, value first and six bytes of time; `nil` for any other form.
    @inlinable
    @inline(__always)
    static func commonSample(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (timestamp: Int64, value: Double)? {
        let start = range.lowerBound
        guard range.count == 16, start >= 0, range.upperBound <= bytes.count else { return nil }
        // Safety: the sixteen bytes lie inside of the span, as the guard has made sure.
        let head = unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        let tail = unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
        )
        // A tag, eight bytes, a tag, and six bytes of which all but the last one say that there are more.
        guard head & 0xff == 0x09, tail >> 8 & 0xff == 0x10, tail >> 16 & 0x8080_8080_8080 == 0x0080_8080_8080 else {
            return nil
        }
        let time = tail >> 16
        var timestamp = time & 0x7f
        timestamp |= time >> 1 & 0x7f << 7
        timestamp |= time >> 2 & 0x7f << 14
        timestamp |= time >> 3 & 0x7f << 21
        timestamp |= time >> 4 & 0x7f << 28
        timestamp |= time >> 5 & 0x7f << 35
        return (Int64(timestamp), Double(bitPattern: head >> 8 | tail << 56))
    }
}
