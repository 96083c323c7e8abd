import MartletConfiguration

/// The `Accept` header of a scrape.
enum ScrapeAccept {
    /// The header that asks for forms, best first.
    static func header(for protocols: [ScrapeProtocol]) -> String {
        let offered = (protocols.isEmpty ? ScrapeProtocol.standard : protocols).map(mediaType)
        var weight = offered.count + 2
        var parts: [String] = []
        for type in offered {
            parts.append("\(type);q=0.\(weight)")
            weight -= 1
        }
        return (parts + ["*/*;q=0.\(weight)"]).joined(separator: ",")
    }

    private static func mediaType(_ form: ScrapeProtocol) -> String {
        switch form {
        case .prometheusProto:
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        case .openMetrics1: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .prometheusText1: "text/plain;version=1.0.0;escaping=allow-utf-8"
        case .prometheusText0: "text/plain;version=0.0.4"
        }
    }
}
