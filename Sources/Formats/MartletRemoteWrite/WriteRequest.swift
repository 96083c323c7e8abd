/// A remote-write request to be sent; ``WriteScanner`` reads one.
///
/// - SeeAlso: [Remote write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/),
///   [2.0](https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/)
public struct WriteRequest: Hashable, Sendable {
    /// A version of the protocol.
    public enum Version: String, Hashable, Sendable, CaseIterable {
        /// 1.0, whose series carry their texts.
        case version1 = "prometheus.WriteRequest"
        /// 2.0, whose series refer to a table of texts.
        case version2 = "io.prometheus.write.v2.Request"
    }

    /// The series.
    public var series: [WriteSeries]

    /// The descriptions of metric families; a 2.0 request carries them in its series instead.
    public var metadata: [Metadata]

    /// Creates a request.
    public init(series: [WriteSeries] = [], metadata: [Metadata] = []) {
        self.series = series
        self.metadata = metadata
    }
}
