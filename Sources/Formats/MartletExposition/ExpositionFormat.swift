/// A way to write metrics down.
public enum ExpositionFormat: String, CaseIterable, Sendable {
    /// The text format of Prometheus, version 0.0.4.
    case text = "prometheus"
    /// OpenMetrics 1.0.
    case openMetrics = "openmetrics"
    /// Martlet's own JSON: a list of metrics.
    case json

    /// The format of a name as command lines and configurations spell it.
    ///
    /// - Parameter name: `prometheus` or `text`, `openmetrics`, `json`.
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

    /// The format of an answer by its `Content-Type`; `nil` where a scraper cannot read it.
    ///
    /// Anything of `text/…` counts as the text format, which is what scrapers have always taken it for.
    public init?(contentType: String) {
        let type = MediaRange(Substring(contentType)).type
        switch type {
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
        "unknown metrics format \"\(name)\"; use prometheus, openmetrics or json"
    }
}
