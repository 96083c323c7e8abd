public import MartletCore

/// Addresses with labels in common, as static configuration and discovery files give them.
public struct TargetGroup: Hashable, Sendable {
    /// The addresses, `host:port`.
    public var targets: [String]

    /// The labels of all of them.
    public var labels: LabelSet

    /// Creates a group.
    public init(targets: [String], labels: LabelSet = .empty) {
        self.targets = targets
        self.labels = labels
    }
}
