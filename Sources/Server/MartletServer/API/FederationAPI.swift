import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

/// Shows the newest samples of chosen series in the text format, for another server to scrape: `/federate`.
///
/// - SeeAlso: [Federation](https://prometheus.io/docs/prometheus/3.5/federation/)
struct FederationAPI: Sendable {
    let server: Server
    let source: any SeriesSource
    let clock: any WallClock

    func addRoutes(to router: inout Router) {
        router.add("GET", "POST", path: "/federate") { request, _ in answer(Parameters(request)) }
    }

    private func answer(_ parameters: Parameters) -> HTTPResponse {
        var selectors: [[LabelMatcher]] = []
        for text in parameters.values(of: "match[]") {
            do {
                selectors.append(try server.engine.parseSelector(text).matchers)
            } catch {
                return .text("\(error.description)\n", status: 400)
            }
        }
        let now = clock.millisecondsSinceEpoch
        let lookback = Int64(server.engine.options.lookback / .milliseconds(1))
        let limit = SelectionLimit(samples: server.engine.options.samplesMax, series: server.engine.options.seriesMax)
        var found: [LabelSet: Sample] = [:]
        do {
            for selector in selectors {
                for point in try source.latest(selector, in: (now - lookback)...now, limit: limit)
                where point.histogram == nil && !StaleMarker.isStale(point.value) {
                    found[point.labels] = Sample(timestamp: point.timestamp, value: point.value)
                }
            }
        } catch {
            return APIError(error).response
        }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8"],
            body: .bytes(text(found))
        )
    }

    private func text(_ found: [LabelSet: Sample]) -> [UInt8] {
        let external = server.status.snapshot.configuration.global.externalLabels
        // A series without an instance must not get the federating server's view of one.
        let added = external["instance"] == nil ? external.map { $0 } + [Label("instance", "")] : external.map { $0 }
        var bytes: [UInt8] = []
        var previous: String?
        let sorted = found.sorted { left, right in
            let (leftName, rightName) = (left.key.metricName ?? "", right.key.metricName ?? "")
            return leftName == rightName ? left.key < right.key : leftName < rightName
        }
        for (labels, sample) in sorted {
            guard let name = labels.metricName else { continue }
            let isPlain = LabelSyntax.isLegacyMetricName(name)
            if name != previous {
                bytes.append(contentsOf: "# TYPE \(isPlain ? name : LabelSyntax.quoted(name)) untyped\n".utf8)
                previous = name
            }
            var parts = labels.filter { $0.name != Label.metricName }
            parts += added.filter { labels[$0.name] == nil }.sorted()
            var texts = parts.map { "\(LabelSyntax.quotedIfNeeded($0.name))=\"\(Self.escaped($0.value))\"" }
            if !isPlain { texts.insert(LabelSyntax.quoted(name), at: 0) }
            if isPlain { bytes.append(contentsOf: name.utf8) }
            if !texts.isEmpty { bytes.append(contentsOf: "{\(texts.joined(separator: ","))}".utf8) }
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: FloatText.shortest(sample.value).utf8)
            bytes.append(contentsOf: " \(sample.timestamp)\n".utf8)
        }
        return bytes
    }

    /// A label's value as the text format writes it.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
