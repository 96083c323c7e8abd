import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletScrape
import MartletSeries

extension PrometheusAPI {
    func metadata(_ call: Call) throws -> Answer {
        let limit = try call.parameters.limit()
        let limitPerMetric = Int(call.parameters["limit_per_metric"] ?? "") ?? 0
        let metric = call.parameters["metric"]
        var found: [String: [MetricMetadata]] = [:]
        for entry in server.scrapes.metadata where metric == nil || metric == entry.metric {
            let known = found[entry.metric] ?? []
            if known.contains(entry.metadata) || limitPerMetric > 0 && known.count >= limitPerMetric { continue }
            found[entry.metric] = known + [entry.metadata]
        }
        return Answer { writer in
            writer.object {
                for (name, entries) in found.sorted(by: { $0.key < $1.key }).prefix(limit) {
                    $0.key(name)
                    $0.array(entries) { writer, entry in writer.object { Self.write(entry, to: &$0) } }
                }
            }
        }
    }

    func targetMetadata(_ call: Call) throws -> Answer {
        let limit = try call.parameters.limit()
        let metric = call.parameters["metric"]
        var matchers: [LabelMatcher] = []
        if let text = call.parameters["match_target"] {
            do {
                matchers = try engine.parseSelector(text).matchers
            } catch {
                throw APIError.badParameter("match_target", error.description)
            }
        }
        let found = server.scrapes.metadata.filter { entry in
            (metric == nil || metric == entry.metric) && matchers.allSatisfy { $0.matches(entry.target) }
        }
        return Answer { writer in
            writer.array(found.prefix(limit)) { writer, entry in
                writer.object {
                    $0.member("target", labels: entry.target)
                    if metric == nil { $0.member("metric", entry.metric) }
                    Self.write(entry.metadata, to: &$0)
                }
            }
        }
    }

    private static func write(_ metadata: MetricMetadata, to writer: inout JSONWriter) {
        writer.member("type", metadata.type.rawValue)
        writer.member("help", metadata.help)
        writer.member("unit", metadata.unit)
    }
}
