import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

extension AlertingAPI {
    /// How many evaluations of each group one backtest may take.
    private static let evaluationsMax = 11_000

    /// What alerting rules would have done over stored data: evaluated as the server evaluates them, step by step, told
    /// nobody and stored nowhere.
    ///
    /// Recording rules among them are evaluated but not stored, so that alerts that read them see what is stored already.
    func backtest(_ call: Call) throws -> Body {
        let now = server.clock.millisecondsSinceEpoch
        let end = try call.parameters.time("end") ?? now
        let start = try call.parameters.time("start") ?? end - 3_600_000
        guard start < end else { throw APIError.badParameter("end", "the end must be after the start") }
        var groups = try backtestGroups(call)
        if let step = try call.parameters.duration("step") {
            guard step > 0 else { throw APIError.badParameter("step", "the step must be more than zero") }
            for index in groups.indices { groups[index].interval = .milliseconds(step) }
        }
        let evaluator = RuleEvaluator(
            query: QueryAdapter(engine: server.engine, source: server.store),
            sink: NowhereSink(),
            patterns: patterns,
            externalLabels: server.status.snapshot.configuration.global.externalLabels
        )
        for group in groups {
            let interval = max(1, Int64(group.interval / .milliseconds(1)))
            guard (end - start) / interval <= Self.evaluationsMax else {
                throw APIError.badParameter("step", "more than \(Self.evaluationsMax) steps; widen the step")
            }
        }
        var steps = 0
        let outcome = try RuleReplay(evaluator: evaluator).run(groups, from: start, through: end) { _ in
            steps += 1
            if steps % 64 == 0, call.request.isCancelled() {
                throw APIError(kind: .canceled, message: "the client has left")
            }
        }
        let problems = groups.isEmpty ? ["no alerting rule was found"] : outcome.problems
        return {
            $0.object {
                $0.member("start", Self.time(start))
                $0.member("end", Self.time(end))
                $0.member("evaluations", outcome.evaluations)
                $0.member("problems", strings: problems)
                $0.member("firings", array: outcome.firings) { writer, firing in
                    writer.object {
                        $0.member("rule_name", firing.rule)
                        $0.member("key", AlertName.key(firing.labels))
                        $0.member("labels", labels: firing.labels)
                        $0.member("annotations", texts: firing.annotations)
                        $0.member("value", firing.value)
                        $0.member("pending_at", Self.time(firing.activeAt))
                        $0.member("fired_at", Self.time(firing.firedAt))
                        if let resolvedAt = firing.resolvedAt {
                            $0.member("resolved_at", Self.time(resolvedAt))
                            $0.member("duration_seconds", Double(resolvedAt - firing.firedAt) / 1000)
                        }
                    }
                }
            }
        }
    }

    /// The rules that are tested: those of a posted rule file, one made of an expression, or those that run.
    private func backtestGroups(_ call: Call) throws -> [RuleGroup] {
        if let text = call.parameters["rules"] { return try posted(text) }
        if let expression = call.parameters["expr"] {
            do throws(PromQLError) {
                _ = try server.engine.parse(expression)
            } catch {
                throw APIError.badParameter("expr", error.description)
            }
            let hold = try call.parameters.duration("for") ?? 0
            let name = call.parameters["alert"] ?? "Backtest"
            let rule = AlertingRule(name: name, expression: expression, holdDuration: .milliseconds(hold))
            return [RuleGroup(name: "backtest", interval: .seconds(15), rules: [.alerting(rule)])]
        }
        let name = call.parameters["rule"]
        let groups = server.rules.snapshot.map(\.group).compactMap { group -> RuleGroup? in
            var group = group
            group.rules = group.rules.filter { rule in
                if case .alerting = rule { name == nil || rule.name == name } else { false }
            }
            return group.rules.isEmpty ? nil : group
        }
        if groups.isEmpty, let name {
            let known = server.rules.snapshot.flatMap { $0.group.rules.map(\.name) }
            let near = Suggestion.closest(to: name, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            throw APIError(kind: .notFound, message: "no alerting rule is named \"\(name)\"\(near)")
        }
        return groups
    }

    private func posted(_ text: String) throws(APIError) -> [RuleGroup] {
        do {
            return try LoadedConfiguration.rules(text: text, file: "rules")
        } catch {
            throw .badParameter("rules", error.problems.map(\.description).joined(separator: "; "))
        }
    }
}

/// Takes samples and keeps none.
struct NowhereSink: SampleSink {
    func append(_ batch: [IncomingSample]) throws(SeriesError) -> AppendResult {
        AppendResult(appended: batch.count)
    }
}
