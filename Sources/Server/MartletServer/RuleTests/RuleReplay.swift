import MartletAlerting
import MartletCore

/// Evaluates rules over a stretch of time that is over, as the server would have, and notes what fires; nobody is told.
struct RuleReplay {
    /// One alert from its start to its end.
    struct Firing {
        var rule: String
        var labels: LabelSet
        var annotations: [String: String]
        var value: Double
        var activeAt: Int64
        var firedAt: Int64
        var resolvedAt: Int64?
    }

    /// What fired, ordered by time and labels; how many rules were evaluated; and the rules that failed, each with its first
    /// error.
    struct Outcome {
        var firings: [Firing] = []
        var evaluations = 0
        var problems: [String] = []
    }

    let evaluator: RuleEvaluator

    /// Evaluates each group at its own interval, all of them in the order of time.
    ///
    /// - Parameters:
    ///   - groups: The rules.
    ///   - start: The first evaluation, in milliseconds since the epoch.
    ///   - end: The time of the last one at the latest.
    ///   - prepare: Called before the evaluations of a time: brings samples in, or throws to end.
    /// - Returns: What came of it; failing rules stop no others.
    func run(
        _ groups: [RuleGroup],
        from start: Int64,
        through end: Int64,
        prepare: (Int64) throws -> Void
    ) rethrows -> Outcome {
        var outcome = Outcome()
        var states = groups.map { (state: RuleGroupState($0), next: start) }
        var open: [LabelSet: Int] = [:]
        var failed: Set<String> = []
        while let time = states.map(\.next).min(), time <= end {
            try prepare(time)
            for index in states.indices where states[index].next == time {
                let transitions = evaluator.evaluate(&states[index].state, at: time).transitions
                for (rule, transition) in transitions { note(transition, of: rule, at: time, &open, &outcome) }
                for rule in states[index].state.rules {
                    guard let error = rule.lastError, failed.insert(rule.rule.name).inserted else { continue }
                    outcome.problems.append("rule \(rule.rule.name) at \(Self.text(time)): \(error)")
                }
                outcome.evaluations += states[index].state.rules.count
                states[index].next = time + max(1, Int64(states[index].state.group.interval / .milliseconds(1)))
            }
        }
        outcome.firings.sort { ($0.firedAt, $0.labels) < ($1.firedAt, $1.labels) }
        return outcome
    }

    private func note(
        _ transition: AlertMachine.Transition,
        of rule: String,
        at time: Int64,
        _ open: inout [LabelSet: Int],
        _ outcome: inout Outcome
    ) {
        switch transition {
        case .pending: break
        case .fired(let alert):
            open[alert.labels] = outcome.firings.count
            outcome.firings.append(
                Firing(
                    rule: rule,
                    labels: alert.labels,
                    annotations: alert.annotations,
                    value: alert.value,
                    activeAt: alert.activeAt,
                    firedAt: time
                )
            )
        case .resolved(let alert):
            if let place = open.removeValue(forKey: alert.labels) { outcome.firings[place].resolvedAt = time }
        }
    }

    private static func text(_ milliseconds: Int64) -> String {
        RFC3339.string(nanosecondsSinceEpoch: milliseconds * 1_000_000)
    }
}
