import MartletConfiguration

/// The `Accept` header of a scrape.
enum ScrapeAccept {
    /// The header that asks for forms, best first; forms that are not read here are left out.
    static func header(for protocols: [ScrapeProtocol]) -> String {
        let types = protocols.compactMap(mediaType)
        let offered = types.isEmpty ? ScrapeProtocol.standard.compactMap(mediaType) : types
        var weight = offered.count + 2
        var parts: [String] = []
        for type in offered {
            parts.append("\(type);q=0.\(weight)")
            weight -= 1
        }
        return (parts + ["*/*;q=0.\(weight)"]).joined(separator: ",")
    }

    private static func mediaType(_ form: ScrapeProtocol) -> String? {
        switch form {
        case .prometheusProto: nil
        case .openMetrics1: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .prometheusText1: "text/plain;version=1.0.0;escaping=allow-utf-8"
        case .prometheusText0: "text/plain;version=0.0.4"
        }
    }
}
