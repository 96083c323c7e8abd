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
        var cursor = WireCursor(range)
        var (timestamp, value) = (Int64(0), 0.0)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 1 << 3 | 1: value = Double(bitPattern: try cursor.fixed64(bytes))
            case 2 << 3: timestamp = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skipUnknown(tag, known: 1...2, bytes, offset: offset)
            }
        }
        return (timestamp, value)
    }
}
