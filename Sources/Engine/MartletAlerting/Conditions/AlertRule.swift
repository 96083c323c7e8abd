import MartletCore

/// A rule in the words of services, not of PromQL: what the friendly forms of configuration come to.
///
/// ```swift
/// AlertRule("queue_full", .metricThreshold(metric: "queue_depth", operator: .greaterThan, threshold: 100, duration: .seconds(60)),
///           severity: .critical)
/// ```
public struct AlertRule: Hashable, Sendable {
    /// The rule's name, and that of its alerts.
    public var name: String

    /// What it is about, for people.
    public var description: String

    /// What has to hold.
    public var condition: AlertCondition

    /// How much it matters.
    public var severity: AlertSeverity

    /// Who is told; `nil` for the default channels.
    public var channels: [String]?

    /// The policy by which more people are told.
    public var escalationPolicy: String?

    /// Whether the rule is evaluated.
    public var isEnabled: Bool

    /// How long the condition must hold beside what it says itself (`for`).
    public var holdDuration: Duration

    /// How far back the condition looks; five minutes unless said otherwise.
    public var timeWindow: Duration

    /// How often it is evaluated; `nil` for the global interval.
    public var evaluationInterval: Duration?

    /// After how long an unchanged alert is told again; a quarter of an hour unless said otherwise.
    public var notificationInterval: Duration

    /// Labels of the alerts.
    public var labels: [String: String]

    /// Texts for people, such as `runbook`.
    public var annotations: [String: String]

    /// Creates a rule.
    public init(
        _ name: String,
        _ condition: AlertCondition,
        description: String = "",
        severity: AlertSeverity = .warning,
        channels: [String]? = nil,
        escalationPolicy: String? = nil,
        isEnabled: Bool = true,
        holdDuration: Duration = .zero,
        timeWindow: Duration = .seconds(300),
        evaluationInterval: Duration? = nil,
        notificationInterval: Duration = .seconds(900),
        labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.name = name
        self.condition = condition
        self.description = description
        self.severity = severity
        self.channels = channels
        self.escalationPolicy = escalationPolicy
        self.isEnabled = isEnabled
        self.holdDuration = holdDuration
        self.timeWindow = timeWindow
        self.evaluationInterval = evaluationInterval
        self.notificationInterval = notificationInterval
        self.labels = labels
        self.annotations = annotations
    }

    /// How long the condition must hold: the longer of the rule's and the condition's own.
    public var hold: Duration { max(holdDuration, condition.hold) }

    /// The condition as the one tree.
    ///
    /// - Throws: ``ConditionError`` with the place in the condition's text.
    public func tree(vocabulary: ConditionVocabulary = .standard) throws(ConditionError) -> Condition {
        try condition.condition(rule: name, window: timeWindow, vocabulary: vocabulary)
    }

    /// The rule as a rule over PromQL.
    ///
    /// - Throws: ``ConditionError`` with the place in the condition's text.
    public func alertingRule(vocabulary: ConditionVocabulary = .standard) throws(ConditionError) -> AlertingRule {
        AlertingRule(
            name: name,
            expression: try tree(vocabulary: vocabulary).description,
            holdDuration: hold,
            labels: labels.merging(["severity": severity.rawValue]) { own, _ in own },
            annotations: texts,
            delivery: AlertDelivery(
                channels: channels,
                notificationInterval: notificationInterval,
                escalationPolicy: escalationPolicy
            )
        )
    }

    /// The annotations with the description among them.
    var texts: [String: String] {
        description.isEmpty ? annotations : annotations.merging(["description": description]) { own, _ in own }
    }

    /// The rules as groups, one for each interval, which is what the server evaluates; disabled rules are left out.
    ///
    /// - Parameters:
    ///   - rules: The rules.
    ///   - file: Where they come from.
    ///   - interval: How often rules are evaluated that don't say so themselves.
    ///   - vocabulary: What words and metrics mean.
    /// - Returns: The groups by ascending interval.
    /// - Throws: ``ConditionError`` for the first rule with a bad condition.
    public static func groups(
        _ rules: [AlertRule],
        file: String = "",
        interval: Duration = .seconds(10),
        vocabulary: ConditionVocabulary = .standard
    ) throws(ConditionError) -> [RuleGroup] {
        var byInterval: [Duration: [Rule]] = [:]
        for rule in rules where rule.isEnabled {
            byInterval[rule.evaluationInterval ?? interval, default: []].append(
                .alerting(try rule.alertingRule(vocabulary: vocabulary))
            )
        }
        return byInterval.sorted { $0.key < $1.key }.map { interval, rules in
            let text = DurationText.string(milliseconds: interval.wholeMilliseconds)
            return RuleGroup(name: "alerts_every_\(text)", file: file, interval: interval, rules: rules)
        }
    }
}
