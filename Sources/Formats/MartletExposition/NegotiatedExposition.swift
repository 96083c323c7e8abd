/// What to answer a scrape with, agreed on through the `Accept` header.
public struct NegotiatedExposition: Hashable, Sendable {
    /// The format.
    public var format: ExpositionFormat

    /// How names that the classic formats cannot write are put.
    public var escaping: NameEscaping

    /// The answer's `Content-Type`.
    public var contentType: String
}

extension ExpositionFormat {
    /// How many entries of an `Accept` header are looked at.
    private static let rangesMax = 64

    /// The format that an `Accept` header prefers; the text format where there is none or nothing fits.
    ///
    /// Of entries with the same quality the first wins. The answer repeats the version and the `escaping` that were
    /// asked for; names beyond the classic characters are written in quotes only where `escaping=allow-utf-8` says so.
    ///
    /// - Parameter accept: The header's value.
    /// - Returns: The format with the exact content type.
    /// - SeeAlso: [Escaping schemes](https://prometheus.io/docs/instrumenting/escaping_schemes/)
    public static func negotiated(accept: String?) -> NegotiatedExposition {
        let ranges = (accept ?? "").split(separator: ",").prefix(rangesMax).map(MediaRange.init)
        var best: (quality: Double, answer: NegotiatedExposition)?
        for range in ranges where range.quality > best?.quality ?? 0 {
            guard let answer = NegotiatedExposition(range) else { continue }
            best = (range.quality, answer)
        }
        return best?.answer
            ?? NegotiatedExposition(
                format: .text,
                escaping: .underscores,
                contentType: "text/plain; version=0.0.4; charset=utf-8"
            )
    }
}

extension NegotiatedExposition {
    /// The answer to one entry of an `Accept` header; `nil` where it names nothing we write.
    fileprivate init?(_ range: MediaRange) {
        let version = range["version"]
        let asked = range["escaping"].flatMap(NameEscaping.init)
        let suffix = asked.map { "; escaping=\($0.rawValue)" } ?? ""
        escaping = asked ?? .underscores
        switch (range.type, version) {
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"?),
            ("application/openmetrics-text", "0.0.1"?):
            format = .openMetrics
            contentType = "application/openmetrics-text; version=\(version ?? "1.0.0"); charset=utf-8" + suffix
        case ("text/plain", nil), ("text/plain", "0.0.4"?), ("text/plain", "1.0.0"?), ("text/*", nil), ("*/*", nil):
            format = .text
            // Quoted names came with version 1.0.0 of the text format; an older reader must not be told 0.0.4.
            let written = escaping == .allowUTF8 ? "1.0.0" : version ?? "0.0.4"
            contentType = "text/plain; version=\(written); charset=utf-8" + suffix
        case (MediaRange.protobufType, nil) where range.isPrometheusProtobuf:
            format = .protobuf
            contentType =
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited" + suffix
        case ("application/json", nil):
            format = .json
            contentType = "application/json"
        default:
            return nil
        }
    }
}
