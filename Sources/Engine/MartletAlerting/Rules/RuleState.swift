import MartletCore

/// What is known of one rule from its evaluations.
public struct RuleState: Sendable {
    /// Whether the last evaluation worked.
    public enum Health: String, Sendable {
        /// Not evaluated yet.
        case unknown
        /// It worked.
        case ok
        /// It failed.
        case error = "err"
    }

    /// The rule.
    public let rule: Rule

    /// Whether the last evaluation worked.
    public internal(set) var health: Health = .unknown

    /// Why the last evaluation failed; `nil` when it worked.
    public internal(set) var lastError: String?

    /// When the rule was last evaluated, in milliseconds since the epoch.
    public internal(set) var lastEvaluation: Int64?

    /// How long the last evaluation took.
    public internal(set) var evaluationTime: Duration = .zero

    /// How often the rule was evaluated.
    public internal(set) var evaluations: UInt64 = 0

    /// How often an evaluation failed.
    public internal(set) var failures: UInt64 = 0

    /// The alerts; empty for a recording rule.
    public internal(set) var machine = AlertMachine()

    /// What an earlier run of the server left of the alerts, while that is still looked at.
    var memory: AlertMemory?

    /// The series written by the last evaluation that worked; those that vanish are marked stale.
    var series: Set<LabelSet> = []

    /// The rule's labels with those of its group, and its annotations, parsed.
    let labels: RuleTemplates
    let annotations: RuleTemplates

    /// The rule's labels with those of its group, as written; those of an alerting rule are templates.
    public let allLabels: [String: String]

    init(_ rule: Rule, groupLabels: [String: String]) {
        self.rule = rule
        allLabels = groupLabels.merging(rule.labels) { $1 }
        if case .alerting(let alerting) = rule {
            labels = RuleTemplates(allLabels, ruleName: rule.name)
            annotations = RuleTemplates(alerting.annotations, ruleName: rule.name)
        } else {
            labels = RuleTemplates([:], ruleName: rule.name)
            annotations = RuleTemplates([:], ruleName: rule.name)
        }
    }

    /// Whether the rule gives alerts rather than series.
    public var isAlerting: Bool {
        if case .alerting = rule { true } else { false }
    }

    /// The alerts that are pending or firing, ordered by labels.
    public var activeAlerts: [ActiveAlert] {
        machine.alerts.values.filter { $0.state != .inactive }.sorted { $0.labels < $1.labels }
    }

    /// This state with what an earlier version of the rule knew.
    func adopting(_ earlier: RuleState) -> RuleState {
        var state = self
        state.health = earlier.health
        state.lastError = earlier.lastError
        state.lastEvaluation = earlier.lastEvaluation
        state.evaluationTime = earlier.evaluationTime
        state.evaluations = earlier.evaluations
        state.failures = earlier.failures
        state.machine = earlier.machine
        state.memory = earlier.memory
        state.series = earlier.series
        return state
    }
}

/// A group's rules with what is known of them.
public struct RuleGroupState: Sendable {
    /// The group.
    public let group: RuleGroup

    /// The rules in their order.
    public internal(set) var rules: [RuleState]

    /// When the group was last evaluated, in milliseconds since the epoch.
    public internal(set) var lastEvaluation: Int64?

    /// How long the last evaluation took.
    public internal(set) var evaluationTime: Duration = .zero

    /// How often the group was evaluated.
    public internal(set) var evaluations: UInt64 = 0

    /// How many samples the last evaluation gave.
    public internal(set) var lastSamples = 0

    /// How long evaluations took, all together and the latest of them.
    public internal(set) var durations = DurationRecord()

    /// How long the evaluations of single rules took.
    public internal(set) var ruleDurations = DurationRecord()

    /// How many evaluations were left out because an earlier one took too long.
    public internal(set) var missedEvaluations: UInt64 = 0

    /// The rules in runs whose members do not read what others of the run write; `nil` until it is worked out.
    var stages: [Range<Int>]?

    /// Series of rules that are no longer there, which the next evaluation marks stale.
    var abandonedSeries: Set<LabelSet> = []

    /// Creates the state of a group that was never evaluated.
    public init(_ group: RuleGroup) {
        self.group = group
        rules = group.rules.map { RuleState($0, groupLabels: group.labels) }
    }

    /// Takes over what an earlier version of the group knew of rules with the same kind, name and labels.
    ///
    /// Rules that share all of these are matched in their order. What a changed expression does to alerts shows with
    /// the next evaluation.
    mutating func adopt(_ earlier: RuleGroupState) {
        var known: [Identity: [RuleState]] = [:]
        for state in earlier.rules.reversed() { known[Identity(state.rule), default: []].append(state) }
        for index in rules.indices {
            guard let state = known[Identity(rules[index].rule)]?.popLast() else { continue }
            rules[index] = rules[index].adopting(state)
        }
        let written = rules.reduce(into: Set<LabelSet>()) { $0.formUnion($1.series) }
        abandonedSeries = earlier.abandonedSeries
        for states in known.values { for state in states { abandonedSeries.formUnion(state.series) } }
        abandonedSeries.subtract(written)
        lastEvaluation = earlier.lastEvaluation
        evaluationTime = earlier.evaluationTime
        evaluations = earlier.evaluations
        lastSamples = earlier.lastSamples
        durations = earlier.durations
        ruleDurations = earlier.ruleDurations
        missedEvaluations = earlier.missedEvaluations
    }

    private struct Identity: Hashable {
        let isAlerting: Bool
        let name: String
        let labels: [String: String]

        init(_ rule: Rule) {
            isAlerting = if case .alerting = rule { true } else { false }
            name = rule.name
            labels = rule.labels
        }
    }
}
