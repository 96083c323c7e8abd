/// How much of a resource is used: `event_type` is `resource_event`.
public struct ResourceEvent: Sendable {
    /// Which way the usage goes.
    public enum Trend: String, Sendable {
        /// It grows.
        case increasing
        /// It stays.
        case stable
        /// It shrinks.
        case decreasing
    }

    /// Where it happened.
    public var context: EventContext
    /// The resource, such as `memory`.
    public var resourceType: String
    /// How much is used, in the resource's own unit.
    public var currentUsage: Double
    /// How much may be used, in the same unit.
    public var limit: Double
    /// Which way the usage goes.
    public var trend: Trend

    /// Creates an event.
    public init(
        resourceType: String,
        currentUsage: Double,
        limit: Double,
        trend: Trend = .stable,
        context: EventContext = EventContext()
    ) {
        self.context = context
        self.resourceType = resourceType
        self.currentUsage = currentUsage
        self.limit = limit
        self.trend = trend
    }

    /// The usage in percent of the limit; 0 where there is no limit.
    public var percentage: Double { limit > 0 ? currentUsage / limit * 100 : 0 }

    var fields: [(String, LogValue)] {
        [
            ("resource_type", .string(resourceType)), ("current_usage", .double(currentUsage)),
            ("limit", .double(limit)), ("percentage", .double(percentage)), ("trend", .string(trend.rawValue)),
        ]
    }
}
