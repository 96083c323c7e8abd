public import MartletCore
public import MartletSeries

/// A stretch of time in which nobody is told of some alerts.
public struct Silence: Hashable, Sendable {
    /// Where a silence is in its life.
    public enum State: String, Sendable, CaseIterable {
        /// It begins later.
        case pending
        /// It holds.
        case active
        /// It is over.
        case expired
    }

    /// The name, a UUID.
    public var id: String

    /// What an alert has to meet; all of them.
    public var matchers: [LabelMatcher]

    /// When it begins, in milliseconds since the epoch.
    public var startsAt: Int64

    /// When it ends.
    public var endsAt: Int64

    /// When it was last changed.
    public var updatedAt: Int64

    /// Who made it.
    public var createdBy: String

    /// Why.
    public var comment: String

    /// More texts about it.
    public var annotations: [String: String]

    /// Creates a silence.
    public init(
        id: String = "",
        matchers: [LabelMatcher],
        startsAt: Int64,
        endsAt: Int64,
        updatedAt: Int64 = 0,
        createdBy: String,
        comment: String,
        annotations: [String: String] = [:]
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.createdBy = createdBy
        self.comment = comment
        self.annotations = annotations
    }

    /// Where the silence is at a time.
    public func state(at time: Int64) -> State {
        if time >= endsAt { return .expired }
        return time < startsAt ? .pending : .active
    }

    /// Whether the silence covers an alert, its times left aside.
    public func covers(_ labels: LabelSet) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
}
