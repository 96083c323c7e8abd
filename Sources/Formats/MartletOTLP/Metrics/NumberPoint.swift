public import MartletCore

/// One number at one time.
public struct NumberPoint: Hashable, Sendable {
    /// The number.
    public enum Value: Hashable, Sendable {
        /// A number.
        case double(Double)
        /// A whole number.
        case int(Int64)
        /// Nothing.
        case none
    }

    /// What tells it from the metric's other points.
    public var attributes: [Attribute]

    /// Since when it counts, in nanoseconds since the epoch; 0 where nothing was said.
    public var start: UInt64

    /// When it was read, in nanoseconds since the epoch.
    public var time: UInt64

    /// The number.
    public var value: Value

    /// Measurements that stand for it.
    public var exemplars: [MetricExemplar]

    /// Whether it says that there is no value (flag 1).
    public var hasNoRecordedValue: Bool

    /// Creates a point.
    public init(
        attributes: [Attribute] = [],
        start: UInt64 = 0,
        time: UInt64 = 0,
        value: Value = .none,
        exemplars: [MetricExemplar] = [],
        hasNoRecordedValue: Bool = false
    ) {
        self.attributes = attributes
        self.start = start
        self.time = time
        self.value = value
        self.exemplars = exemplars
        self.hasNoRecordedValue = hasNoRecordedValue
    }
}
