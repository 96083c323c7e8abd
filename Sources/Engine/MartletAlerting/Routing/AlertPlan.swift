/// Who is told of alerts, when not, and by whom else: all that an ``AlertDispatch`` goes by.
public struct AlertPlan: Sendable {
    /// The root of the routes; `nil` leaves alerts without channels of their own to ``defaultReceivers``.
    public var route: Route?

    /// The channels of each receiver by its name.
    public var channels: [String: [NotificationChannel]]

    /// The receivers of alerts that neither name channels nor have a route.
    public var defaultReceivers: [String]

    /// Which alerts keep which others quiet.
    public var inhibitions: [InhibitionRule]

    /// The times that routes name.
    public var intervals: [String: [CalendarInterval]]

    /// Who is told as long as nobody acknowledges.
    public var policies: [EscalationPolicy]

    /// Creates a plan; without a route and receivers nobody is told anything.
    public init(
        route: Route? = nil,
        channels: [String: [NotificationChannel]] = [:],
        defaultReceivers: [String] = [],
        inhibitions: [InhibitionRule] = [],
        intervals: [String: [CalendarInterval]] = [:],
        policies: [EscalationPolicy] = []
    ) {
        self.route = route
        self.channels = channels
        self.defaultReceivers = defaultReceivers
        self.inhibitions = inhibitions
        self.intervals = intervals
        self.policies = policies
    }

    /// The names of the time intervals that mute a route at a time; those of activity that do not hold count too.
    func mutes(_ route: Route, at time: Int64) -> [String] {
        let holds = { (name: String) in intervals[name, default: []].contains { $0.contains(time) } }
        let muting = route.muteIntervals.filter(holds)
        let isInactive = !route.activeIntervals.isEmpty && !route.activeIntervals.contains(where: holds)
        return muting + (isInactive ? route.activeIntervals : [])
    }
}
