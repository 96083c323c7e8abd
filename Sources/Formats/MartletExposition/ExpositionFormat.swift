/// A way to write metrics down.
public enum ExpositionFormat: String, CaseIterable, Sendable {
    /// The text format of Prometheus, version 0.0.4.
    case text = "prometheus"
    /// OpenMetrics 1.0.
    case openMetrics = "openmetrics"
    /// Prometheus' protobuf, `io.prometheus.client.MetricFamily` with a length before each; native histograms.
    case protobuf
    /// JSON, in one of two shapes.
    case json

    /// The format of a name as command lines and configurations spell it.
    ///
    /// - Parameter name: `prometheus` or `text`, `openmetrics`, `protobuf`, `json`.
    /// - Throws: ``UnknownExpositionFormat`` for any other.
    public init(named name: String) throws(UnknownExpositionFormat) {
        if name == "text" {
            self = .text
        } else if let format = ExpositionFormat(rawValue: name) {
            self = format
        } else {
            throw UnknownExpositionFormat(name: name)
        }
    }

    /// Whether it is read line by line, with ``ExpositionParser``.
    public var isText: Bool { self == .text || self == .openMetrics }

    /// The format of an answer by its `Content-Type`; `nil` where a scraper cannot read it.
    ///
    /// Protobuf counts where it says that it is Prometheus' and delimited. Anything of `text/…` counts as the text format, which is what scrapers have always taken it for.
    public init?(contentType: String) {
        let range = MediaRange(Substring(contentType))
        let type = range.type
        switch type {
        case MediaRange.protobufType where range.isPrometheusProtobuf: self = .protobuf
        case "application/openmetrics-text": self = .openMetrics
        case "application/json": self = .json
        case _ where type.hasPrefix("text/"): self = .text
        default: return nil
        }
    }
}

/// A name that is no exposition format's.
public struct UnknownExpositionFormat: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public var name: String

    /// Creates the error.
    public init(name: String) {
        self.name = name
    }

    /// What is wrong and what to write instead.
    public var description: String {
        "unknown metrics format \"\(name)\"; use prometheus, openmetrics, protobuf or json"
    }
}
