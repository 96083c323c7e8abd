/// One metric with its points.
public struct Metric: Hashable, Sendable {
    /// What the points are.
    public enum Points: Hashable, Sendable {
        /// Values that go up and down.
        case gauge([NumberPoint])
        /// Sums; a monotonic one only grows.
        case sum([NumberPoint], Temporality, isMonotonic: Bool)
        /// Histograms with explicit bounds.
        case histogram([HistogramPoint], Temporality)
        /// Histograms with exponential bounds.
        case exponentialHistogram([ExponentialHistogramPoint], Temporality)
        /// Quantiles.
        case summary([SummaryPoint])
        /// Nothing, or a kind this version does not know.
        case none
    }

    /// Since when a point counts.
    public enum Temporality: Int, Hashable, Sendable {
        /// Nothing was said.
        case unspecified
        /// Since the last point.
        case delta
        /// Since a fixed start.
        case cumulative
    }

    /// The name, such as `http.server.request.duration`.
    public var name: String

    /// What it means.
    public var description: String

    /// The unit in UCUM's spelling, such as `s` or `By`.
    public var unit: String

    /// The points.
    public var points: Points

    /// Creates a metric.
    public init(name: String, description: String = "", unit: String = "", points: Points = .none) {
        self.name = name
        self.description = description
        self.unit = unit
        self.points = points
    }
}
