/// The parts of PromQL that Prometheus keeps behind a feature flag.
public struct PromQLFeatures: OptionSet, Hashable, Sendable {
    /// One bit a feature.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Functions and aggregations that may still change: `promql-experimental-functions`.
    public static let experimentalFunctions = PromQLFeatures(rawValue: 1)

    /// Arithmetic in ranges and offsets: `promql-duration-expr`.
    public static let durationExpressions = PromQLFeatures(rawValue: 2)

    /// The modifiers `anchored` and `smoothed`: `promql-extended-range-selectors`.
    public static let extendedRangeSelectors = PromQLFeatures(rawValue: 4)

    /// The modifiers `fill`, `fill_left` and `fill_right`: `promql-binop-fill-modifiers`.
    public static let fillModifiers = PromQLFeatures(rawValue: 8)

    /// Metric names are removed at the end of the query instead of by each operation: `promql-delayed-name-removal`.
    public static let delayedNameRemoval = PromQLFeatures(rawValue: 16)

    /// Start timestamps of samples tell of resets, and where a counter was zero: `promql-use-start-timestamps`.
    public static let startTimestamps = PromQLFeatures(rawValue: 32)

    /// The labels `__type__` and `__unit__` go where the metric's name goes: `type-and-unit-labels`.
    public static let typeAndUnitLabels = PromQLFeatures(rawValue: 64)

    /// All of them.
    public static let all: PromQLFeatures = [
        .experimentalFunctions, .durationExpressions, .extendedRangeSelectors, .fillModifiers, .delayedNameRemoval,
        .startTimestamps, .typeAndUnitLabels,
    ]

    /// The features by the names of Prometheus' flag `--enable-feature`.
    public static let named: [(name: String, feature: PromQLFeatures)] = [
        ("promql-experimental-functions", .experimentalFunctions), ("promql-duration-expr", .durationExpressions),
        ("promql-extended-range-selectors", .extendedRangeSelectors),
        ("promql-binop-fill-modifiers", .fillModifiers), ("promql-delayed-name-removal", .delayedNameRemoval),
        ("promql-use-start-timestamps", .startTimestamps), ("type-and-unit-labels", .typeAndUnitLabels),
    ]

    /// The names of the features in a set.
    public static func names(of features: PromQLFeatures) -> [String] {
        named.filter { features.contains($0.feature) }.map(\.name)
    }
}
