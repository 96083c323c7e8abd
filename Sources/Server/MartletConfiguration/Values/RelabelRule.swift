public import MartletSeries

/// One step of relabelling: an entry of `relabel_configs`.
///
/// - SeeAlso: [relabel_config](https://github.com/prometheus/prometheus/blob/v3.5.0/docs/configuration/configuration.md#relabel_config)
public struct RelabelRule: Sendable {
    /// What a rule does.
    public enum Action: String, Sendable, CaseIterable {
        /// Sets the target label to the replacement where the expression matches.
        case replace
        /// Drops what does not match.
        case keep
        /// Drops what matches.
        case drop
        /// Drops what has another value than the target label.
        case keepEqual = "keepequal"
        /// Drops what has the target label's value.
        case dropEqual = "dropequal"
        /// Sets the target label to a hash of the sources, modulo ``RelabelRule/modulus``.
        case hashMod = "hashmod"
        /// Copies labels whose name matches to the name that the replacement gives.
        case labelMap = "labelmap"
        /// Removes labels whose name matches.
        case labelDrop = "labeldrop"
        /// Removes labels whose name does not match.
        case labelKeep = "labelkeep"
        /// Sets the target label to the sources in small letters.
        case lowercase
        /// Sets the target label to the sources in capitals.
        case uppercase
    }

    /// The labels whose values are joined and looked at.
    public var sourceLabels: [String] = []

    /// What stands between the joined values.
    public var separator = ";"

    /// The expression, anchored at both ends; `nil` for the default `(.*)`, which matches everything.
    public var pattern: (any Pattern)?

    /// The divisor of ``Action/hashMod``.
    public var modulus: UInt64 = 0

    /// The label that is set; may hold `$1` for ``Action/replace``.
    public var targetLabel = ""

    /// What is put in, with `$1` and `${name}` for groups.
    public var replacement = "$1"

    /// What the rule does.
    public var action = Action.replace

    /// Creates the rule that does nothing: `replace` without a target.
    public init() {}

    /// Creates a rule.
    public init(
        _ action: Action,
        from sourceLabels: [String] = [],
        separator: String = ";",
        matching pattern: (any Pattern)? = nil,
        modulus: UInt64 = 0,
        to targetLabel: String = "",
        replacement: String = "$1"
    ) {
        self.action = action
        self.sourceLabels = sourceLabels
        self.separator = separator
        self.pattern = pattern
        self.modulus = modulus
        self.targetLabel = targetLabel
        self.replacement = replacement
    }

    /// The expression as written.
    public var regex: String { pattern?.source ?? Self.anything }

    /// The expression that matches everything, in one group.
    public static let anything = "(.*)"
}

extension RelabelRule: Hashable {
    /// Whether two rules are written alike.
    public static func == (left: RelabelRule, right: RelabelRule) -> Bool {
        left.sourceLabels == right.sourceLabels && left.separator == right.separator && left.regex == right.regex
            && left.modulus == right.modulus && left.targetLabel == right.targetLabel
            && left.replacement == right.replacement && left.action == right.action
    }

    /// Hashes how the rule is written.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(sourceLabels)
        hasher.combine(separator)
        hasher.combine(regex)
        hasher.combine(modulus)
        hasher.combine(targetLabel)
        hasher.combine(replacement)
        hasher.combine(action)
    }
}
