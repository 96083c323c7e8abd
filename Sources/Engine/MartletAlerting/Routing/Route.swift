public import MartletSeries

/// Which alerts go to which receiver, and at what pace: a node of Alertmanager's routing tree.
///
/// Values that a route inherits from its parent are filled in already.
public struct Route: Hashable, Sendable {
    /// Which alerts are told together.
    public enum Grouping: Hashable, Sendable {
        /// Those with the same values of these labels.
        case labels([String])
        /// Each alert alone (`...`).
        case everyLabel
    }

    /// The receiver's name.
    public var receiver: String

    /// What an alert has to meet; the root has none.
    public var matchers: [LabelMatcher]

    /// Whether later siblings are tried too after this route matched.
    public var continues: Bool

    /// Which alerts are told together.
    public var grouping: Grouping

    /// How long the first message of a group waits for more alerts (`group_wait`).
    public var groupWait: Duration

    /// How long later messages of a group wait (`group_interval`).
    public var groupInterval: Duration

    /// After how long an unchanged group is told again (`repeat_interval`).
    public var repeatInterval: Duration

    /// The names of time intervals in which nobody is told (`mute_time_intervals`).
    public var muteIntervals: [String]

    /// The names of time intervals outside of which nobody is told (`active_time_intervals`); empty for always.
    public var activeIntervals: [String]

    /// The routes below, tried in their order.
    public var routes: [Route]

    /// Creates a route with Alertmanager's defaults.
    public init(
        receiver: String,
        matchers: [LabelMatcher] = [],
        continues: Bool = false,
        grouping: Grouping = .labels([]),
        groupWait: Duration = .seconds(30),
        groupInterval: Duration = .seconds(300),
        repeatInterval: Duration = .seconds(4 * 3600),
        muteIntervals: [String] = [],
        activeIntervals: [String] = [],
        routes: [Route] = []
    ) {
        self.receiver = receiver
        self.matchers = matchers
        self.continues = continues
        self.grouping = grouping
        self.groupWait = groupWait
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
        self.muteIntervals = muteIntervals
        self.activeIntervals = activeIntervals
        self.routes = routes
    }
}
