/// One entry of an `Accept` header: a media type with its parameters.
struct MediaRange {
    /// The type in lower case, such as `text/plain`.
    var type: String

    /// The parameters; names in lower case, quotes removed.
    var parameters: [(name: String, value: String)]

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { MediaRange.trimmed($0) }
        type = parts.first.map { $0.lowercased() } ?? ""
        parameters = parts.dropFirst().map { part in
            let pair = Substring(part).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count > 1 ? MediaRange.trimmed(pair[1]) : ""
            let isQuoted = value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
            return (MediaRange.trimmed(pair[0]).lowercased(), isQuoted ? String(value.dropFirst().dropLast()) : value)
        }
    }

    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// The media type of protobuf messages, whose parameters say which.
    static let protobufType = "application/vnd.google.protobuf"

    /// Whether it is Prometheus' protobuf exposition, metric families each with its length before it.
    var isPrometheusProtobuf: Bool {
        type == MediaRange.protobufType && self["proto"] == "io.prometheus.client.MetricFamily"
            && self["encoding"] == "delimited"
    }

    /// How much the client likes it, from 0 (not at all) through 1.
    var quality: Double {
        guard let text = self["q"] else { return 1 }
        guard let quality = Double(text), quality >= 0, quality <= 1 else { return 0 }
        return quality
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
