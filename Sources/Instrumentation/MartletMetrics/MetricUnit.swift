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
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A plain number.
    public static let none = MetricUnit(rawValue: "")
    /// Time.
    public static let seconds = MetricUnit(rawValue: "seconds")
    /// Sizes.
    public static let bytes = MetricUnit(rawValue: "bytes")
    /// A share from 0 through 1; what people call percent, divided by 100.
    public static let ratio = MetricUnit(rawValue: "ratio")
    /// Temperature.
    public static let celsius = MetricUnit(rawValue: "celsius")
    /// Voltage.
    public static let volts = MetricUnit(rawValue: "volts")
    /// Current.
    public static let amperes = MetricUnit(rawValue: "amperes")
    /// Energy.
    public static let joules = MetricUnit(rawValue: "joules")
    /// Length.
    public static let meters = MetricUnit(rawValue: "meters")
    /// Mass.
    public static let grams = MetricUnit(rawValue: "grams")
}

extension MetricUnit: ExpressibleByStringLiteral {
    /// Creates a unit from its word.
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }
}
