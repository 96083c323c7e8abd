/// What a rule says of how its alerts are told, beside the routes.
public struct AlertDelivery: Hashable, Sendable {
    /// The names of the receivers that are told, instead of those that the routes find; `nil` leaves it to the routes.
    public var channels: [String]?

    /// After how long an unchanged alert is told again, and how often one that comes and goes is told at most.
    public var notificationInterval: Duration?

    /// The name of the policy by which more people are told as long as nobody acknowledges.
    public var escalationPolicy: String?

    /// Creates a delivery that leaves everything to the routes.
    public init(
        channels: [String]? = nil,
        notificationInterval: Duration? = nil,
        escalationPolicy: String? = nil
    ) {
        self.channels = channels
        self.notificationInterval = notificationInterval
        self.escalationPolicy = escalationPolicy
    }
}
