/// Rules that are evaluated together, one after another, at one time.
public struct RuleGroup: Hashable, Sendable {
    /// The group's name, unique within its file.
    public var name: String

    /// The file that the group comes from.
    public var file: String

    /// How often the group is evaluated.
    public var interval: Duration

    /// How many alerts or series a rule may give; 0 for no limit.
    public var limit: Int

    /// How long before the evaluation's time the data is looked at, for data that arrives late.
    public var queryOffset: Duration

    /// Labels for all rules; a rule's own label of the same name wins.
    public var labels: [String: String]

    /// The rules, in the order of their evaluation.
    public var rules: [Rule]

    /// Creates a group.
    public init(
        name: String,
        file: String = "",
        interval: Duration = .seconds(60),
        limit: Int = 0,
        queryOffset: Duration = .zero,
        labels: [String: String] = [:],
        rules: [Rule]
    ) {
        self.name = name
        self.file = file
        self.interval = interval
        self.limit = limit
        self.queryOffset = queryOffset
        self.labels = labels
        self.rules = rules
    }

    /// What tells the group from all others.
    public var key: Key { Key(file: file, name: name) }

    /// A group's file and name.
    public struct Key: Hashable, Sendable, Comparable {
        /// The file.
        public let file: String

        /// The name within the file.
        public let name: String

        /// Creates a key.
        public init(file: String, name: String) {
            self.file = file
            self.name = name
        }

        /// Orders by file, then by name.
        public static func < (left: Key, right: Key) -> Bool { (left.file, left.name) < (right.file, right.name) }
    }
}

/// One rule of a group.
public enum Rule: Hashable, Sendable {
    /// Gives alerts.
    case alerting(AlertingRule)
    /// Gives series.
    case recording(RecordingRule)

    /// The alert's or the new series' name.
    public var name: String {
        switch self {
        case .alerting(let rule): rule.name
        case .recording(let rule): rule.record
        }
    }

    /// The expression in PromQL.
    public var expression: String {
        switch self {
        case .alerting(let rule): rule.expression
        case .recording(let rule): rule.expression
        }
    }

    /// The rule's own labels; those of an alerting rule are templates.
    public var labels: [String: String] {
        switch self {
        case .alerting(let rule): rule.labels
        case .recording(let rule): rule.labels
        }
    }
}
