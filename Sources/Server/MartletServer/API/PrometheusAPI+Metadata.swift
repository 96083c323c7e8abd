import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletScrape
import MartletSeries
import MartletTSDB

extension PrometheusAPI {
    func metadata(_ call: Call) throws -> Answer {
        let limit = try Self.count(call.parameters, "limit") ?? -1
        let limitPerMetric = try Self.count(call.parameters, "limit_per_metric") ?? -1
        let metric = call.parameters["metric"]
        var found: [String: [MetricMetadata]] = [:]
        for entry in server.scrapes.metadata where metric == nil || metric == entry.metric {
            let known = found[entry.metric] ?? []
            if known.contains(entry.metadata) || limitPerMetric > 0 && known.count >= limitPerMetric { continue }
            found[entry.metric] = known + [entry.metadata]
        }
        // What senders told beside their samples; what targets tell now comes first.
        for (name, entries) in server.store.metadata(of: metric, limit: .max) {
            for entry in entries where found[name]?.contains(entry) != true {
                if limitPerMetric > 0, found[name, default: []].count >= limitPerMetric { break }
                found[name, default: []].append(entry)
            }
        }
        return Answer { writer in
            writer.object {
                for (name, entries) in found.sorted(by: { $0.key < $1.key }).prefix(limit < 0 ? .max : limit) {
                    $0.key(name)
                    $0.array(entries) { writer, entry in
                        writer.object {
                            $0.member("type", entry.type.rawValue)
                            $0.member("unit", entry.unit)
                            $0.member("help", entry.help)
                        }
                    }
                }
            }
        }
    }

    func targetMetadata(_ call: Call) throws -> Answer {
        let limit = try Self.count(call.parameters, "limit") ?? -1
        let metric = call.parameters["metric"]
        var matchers: [LabelMatcher] = []
        if let text = call.parameters["match_target"] {
            do {
                matchers = try engine.parseSelector(text).matchers
            } catch {
                throw APIError(kind: .badData, message: error.description)
            }
        }
        let found = server.scrapes.metadata.filter { entry in
            (metric == nil || metric == entry.metric) && matchers.allSatisfy { $0.matches(entry.target) }
        }.prefix(limit < 0 ? .max : limit)
        guard !found.isEmpty else { throw APIError(kind: .notFound, message: "specified metadata not found") }
        return Answer { writer in
            writer.array(found) { writer, entry in
                writer.object {
                    $0.member("target", labels: entry.target)
                    if metric == nil { $0.member("metric", entry.metric) }
                    $0.member("type", entry.metadata.type.rawValue)
                    $0.member("help", entry.metadata.help)
                    $0.member("unit", entry.metadata.unit)
                }
            }
        }
    }

    private static func count(_ parameters: Parameters, _ name: String) throws(APIError) -> Int? {
        guard let text = parameters[name] else { return nil }
        guard let count = Int(text) else { throw APIError(kind: .badData, message: "\(name) must be a number") }
        return count
    }
}
