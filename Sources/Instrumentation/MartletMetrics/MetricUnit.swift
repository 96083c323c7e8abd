/// The unit in which a metric's values are: a base unit, so that readers need not convert.
///
/// ```swift
/// let sent = Counter("sent_bytes_total", help: "Bytes sent.", unit: .bytes)
/// let torque = Gauge("torque_newtonmeters", help: "Torque.", unit: "newtonmeters")
/// ```
///
/// The name of a metric ends in its unit, before `_total`.
public struct MetricUnit: RawRepresentable, Hashable, Sendable {
    /// The word as it stands in names and `# UNIT` lines; empty for plain numbers.
    public var rawValue: String

    /// Creates a unit from its word.
    @inlinable @inline(__always)
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A plain number.
    @inlinable @inline(__always)
    public static var none: MetricUnit { MetricUnit(rawValue: "") }

    /// Time.
    @inlinable @inline(__always)
    public static var seconds: MetricUnit { MetricUnit(rawValue: "seconds") }

    /// Sizes.
    @inlinable @inline(__always)
    public static var bytes: MetricUnit { MetricUnit(rawValue: "bytes") }

    /// A share from 0 through 1; what people call percent, divided by 100.
    @inlinable @inline(__always)
    public static var ratio: MetricUnit { MetricUnit(rawValue: "ratio") }

    /// Temperature.
    @inlinable @inline(__always)
    public static var celsius: MetricUnit { MetricUnit(rawValue: "celsius") }

    /// Voltage.
    @inlinable @inline(__always)
    public static var volts: MetricUnit { MetricUnit(rawValue: "volts") }

    /// Current.
    @inlinable @inline(__always)
    public static var amperes: MetricUnit { MetricUnit(rawValue: "amperes") }

    /// Energy.
    @inlinable @inline(__always)
    public static var joules: MetricUnit { MetricUnit(rawValue: "joules") }

    /// Length.
    @inlinable @inline(__always)
    public static var meters: MetricUnit { MetricUnit(rawValue: "meters") }

    /// Mass.
    @inlinable @inline(__always)
    public static var grams: MetricUnit { MetricUnit(rawValue: "grams") }

}

extension MetricUnit: ExpressibleByStringLiteral {
    /// Creates a unit from its word.
    @inlinable @inline(__always)
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }
}
