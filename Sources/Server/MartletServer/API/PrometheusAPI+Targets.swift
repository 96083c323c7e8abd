import FoundationEssentials
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletScrape

extension PrometheusAPI {
    func targets(_ call: Call) throws -> Answer {
        let wanted = call.parameters["state"]?.lowercased() ?? "any"
        let pool = call.parameters["scrapePool"]
        let isEither = wanted == "any"
        let active = isEither || wanted == "active" ? server.scrapes.targets : []
        let dropped = isEither || wanted == "dropped" ? server.scrapes.droppedTargets : []
        let counts = server.scrapes.droppedTargetCounts
        return Answer { writer in
            writer.object {
                $0.key("activeTargets")
                $0.array(active.filter { pool == nil || $0.job == pool }) { Self.write(target: $1, to: &$0) }
                $0.key("droppedTargets")
                $0.array(dropped.filter { pool == nil || $0.job == pool }) { writer, target in
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

    /// `scrape_pools/config`: what a job is scraped by, defaults filled in and secrets hidden.
    func scrapePoolConfiguration(_ call: Call) throws -> Answer {
        let yaml = try scrapeConfiguration(call.parameters).yaml
        return Answer { $0.object { $0.member("yaml", yaml) } }
    }

    /// `targets/relabel_steps`: what each relabelling rule of a job makes of some labels.
    func relabelSteps(_ call: Call) throws -> Answer {
        let rules = try scrapeConfiguration(call.parameters).relabelRules
        guard let text = call.parameters["labels"] else {
            throw APIError(kind: .badData, message: "no labels parameter provided")
        }
        let labels: LabelSet
        do {
            labels = LabelSet(
                try JSONDecoder().decode([String: String].self, from: Data(text.utf8)).map { Label($0.key, $0.value) }
            )
        } catch {
            throw APIError(kind: .badData, message: "error parsing labels: they must be a JSON object of texts")
        }
        let steps = rules.indices.map { (rules[$0], Relabelling.apply(Array(rules[...$0]), to: labels)) }
        return Answer { writer in
            writer.object {
                $0.key("steps")
                $0.array(steps) { writer, step in
                    writer.object {
                        $0.key("rule")
                        Self.write(step.0, to: &$0)
                        $0.member("output", labels: step.1 ?? .empty)
                        $0.member("keep", step.1 != nil)
                    }
                }
            }
        }
    }

    private func scrapeConfiguration(_ parameters: Parameters) throws(APIError) -> ScrapeConfiguration {
        guard let name = parameters["scrapePool"] else {
            throw APIError(kind: .badData, message: "no scrapePool parameter provided")
        }
        let all = server.status.snapshot.configuration.scrapeConfigurations
        if let found = all.first(where: { $0.jobName == name }) { return found }
        throw APIError(
            kind: .badData,
            message: "error getting scrape config: scrape pool \(LabelSyntax.quoted(name)) not found"
        )
    }

    private static func write(_ rule: RelabelRule, to writer: inout JSONWriter) {
        writer.object {
            if !rule.sourceLabels.isEmpty { $0.member("source_labels", strings: rule.sourceLabels) }
            $0.member("separator", rule.separator)
            $0.member("regex", rule.regex)
            if rule.modulus > 0 { $0.member("modulus", rule.modulus) }
            if !rule.targetLabel.isEmpty { $0.member("target_label", rule.targetLabel) }
            $0.member("replacement", rule.replacement)
            $0.member("action", rule.action.rawValue)
        }
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
