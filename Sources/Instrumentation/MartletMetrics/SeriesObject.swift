import MartletCore

/// What a series is kept in that is no mere number in a cell.
protocol SeriesObject: AnyObject, Sendable {
    /// The series as it is at a time, in nanoseconds since the epoch.
    func value(at nanoseconds: Int64) -> MetricValue

    /// How many observations there were.
    var count: UInt64 { get }
}

/// What such a series takes from its registry.
struct SeriesContext: Sendable {
    var clock: any WallClock
    var control: UInt32
}

/// Makes the series of a metric that keeps them in objects.
typealias SeriesMaker = @Sendable (SeriesContext) -> any SeriesObject
