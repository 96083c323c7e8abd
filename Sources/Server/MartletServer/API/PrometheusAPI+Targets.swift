import MartletCore
import MartletHTTPServer
import MartletScrape

extension PrometheusAPI {
    func targets(_ call: Call) throws -> Answer {
        let wanted = call.parameters["state"]?.lowercased() ?? "any"
        guard ["any", "active", "dropped"].contains(wanted) else {
            throw APIError.badParameter("state", "takes active, dropped or any; got \"\(wanted)\"")
        }
        let pool = call.parameters["scrapePool"]
        let active = wanted == "dropped" ? [] : server.scrapes.targets.filter { pool == nil || $0.job == pool }
        let dropped = wanted == "active" ? [] : server.scrapes.droppedTargets.filter { pool == nil || $0.job == pool }
        let counts = server.scrapes.droppedTargetCounts
        return Answer { writer in
            writer.object {
                $0.key("activeTargets")
                $0.array(active) { Self.write(target: $1, to: &$0) }
                $0.key("droppedTargets")
                $0.array(dropped) { writer, target in
                    writer.object {
                        $0.member("discoveredLabels", labels: target.discoveredLabels)
                        $0.member("scrapePool", target.job)
                    }
                }
                $0.key("droppedTargetCounts")
                $0.object { for (job, count) in counts.sorted(by: { $0.key < $1.key }) { $0.member(job, count) } }
            }
        }
    }

    func scrapePools(_ call: Call) -> Answer {
        let pools = server.scrapes.jobs
        return Answer { $0.object { $0.member("scrapePools", strings: pools) } }
    }

    private static func write(target: TargetStatus, to writer: inout JSONWriter) {
        writer.object {
            $0.member("discoveredLabels", labels: target.discoveredLabels)
            $0.member("labels", labels: target.labels)
            $0.member("scrapePool", target.job)
            $0.member("scrapeUrl", target.scrapeURL)
            $0.member("globalUrl", target.scrapeURL)
            $0.member("lastError", target.lastError)
            $0.member("lastScrape", target.lastScrape.map(time) ?? "0001-01-01T00:00:00Z")
            $0.member("lastScrapeDuration", target.lastScrapeDuration)
            $0.member("health", target.health.rawValue)
            $0.member("scrapeInterval", text(target.interval))
            $0.member("scrapeTimeout", text(target.timeout))
        }
    }

    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return DurationText.string(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
