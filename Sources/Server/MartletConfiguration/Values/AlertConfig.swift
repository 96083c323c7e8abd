public import MartletAlerting

/// Rules, channels and escalation policies together, to be loaded from YAML or JSON and saved again.
///
/// It is what stands under `alerts` in a server's configuration, as a file of its own:
///
/// ```swift
/// var config = try AlertConfig.load(path: "alerts.yml", patterns: RE2Patterns())
/// config.rules.append(AlertRule("disk_full", .text("disk_usage > 90%"), severity: .critical))
/// try config.save(to: "alerts.yml")
/// ```
///
/// `${NAME}` stays as it is written: a saved file names the variables of the loaded one, not their values.
public struct AlertConfig: Sendable, Equatable {
    /// How a configuration is written.
    public enum Format: String, Sendable, CaseIterable {
        /// YAML, in blocks.
        case yaml
        /// JSON.
        case json
    }

    /// Rules whose condition is structured, enumerated or a text.
    public var rules: [AlertRule] = []

    /// Groups of rules that are written in PromQL; only their alerting rules and intervals are saved.
    public var expressions: [RuleGroup] = []

    /// The channels: receivers of one channel each.
    public var channels: [ReceiverConfiguration] = []

    /// The channels of rules that name none.
    public var defaultChannels: [String] = []

    /// The escalation policies.
    public var escalationPolicies: [EscalationPolicy] = []

    /// Whether channels of the kind `command` may run programs.
    public var allowsCommands = false

    /// Whether the rules are evaluated at all.
    public var isEnabled = true

    /// Creates a configuration without rules.
    public init(
        rules: [AlertRule] = [],
        channels: [ReceiverConfiguration] = [],
        escalationPolicies: [EscalationPolicy] = []
    ) {
        self.rules = rules
        self.channels = channels
        self.escalationPolicies = escalationPolicies
        defaultChannels = channels.map(\.name)
    }
}

extension AlertConfig: CustomStringConvertible, CustomDebugStringConvertible {
    /// The configuration as YAML with `<secret>` for each secret.
    public var description: String { text(as: .yaml, showsSecrets: false) }

    /// The same as ``description``, so that no secret is shown by accident.
    public var debugDescription: String { description }
}
