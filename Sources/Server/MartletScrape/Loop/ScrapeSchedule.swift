/// When a target is due: a grid of times that does not drift, with the times that were missed counted.
struct ScrapeSchedule {
    /// How far from its grid a sample's time may be and still be put on it, in milliseconds.
    static let toleranceMillisecondsMax: Int64 = 2

    let intervalNanoseconds: Int64

    /// When the target is due, on the timer's scale.
    private(set) var dueNanoseconds: Int64

    private var lastTimestamp: Int64?

    /// Lays the grid.
    ///
    /// - Parameters:
    ///   - intervalNanoseconds: The distance of the grid's times, in nanoseconds, above 0.
    ///   - spread: What places the target in the interval; two equal targets have equal grids.
    ///   - wallNanoseconds: The time of day, to whose multiples of the interval the grid is aligned.
    ///   - timerNanoseconds: The same moment on the timer.
    init(intervalNanoseconds: Int64, spread: UInt64, wallNanoseconds: Int64, timerNanoseconds: Int64) {
        self.intervalNanoseconds = intervalNanoseconds
        let offset = Int64(spread % UInt64(intervalNanoseconds))
        let position = wallNanoseconds % intervalNanoseconds
        var wait = (offset - position) % intervalNanoseconds
        if wait < 0 { wait += intervalNanoseconds }
        dueNanoseconds = timerNanoseconds + wait
    }

    /// Moves to the next time of the grid, or to the last one that has passed, and tells how many were passed over.
    ///
    /// A target that was late by less than an interval is scraped at once and is back on the grid after that.
    mutating func advance(nowNanoseconds: Int64) -> Int {
        dueNanoseconds += intervalNanoseconds
        let missed = max(0, (nowNanoseconds - dueNanoseconds) / intervalNanoseconds)
        dueNanoseconds += missed * intervalNanoseconds
        return Int(missed)
    }

    /// The time that the samples of a scrape get: the one due by the last scrape's where the clock is within 2 ms or
    /// a hundredth of the interval of it, so that equal distances compress well, and otherwise the clock's.
    mutating func timestamp(wallMilliseconds: Int64) -> Int64 {
        let interval = intervalNanoseconds / 1_000_000
        var timestamp = wallMilliseconds
        if let lastTimestamp, interval > 0, wallMilliseconds > lastTimestamp {
            let steps = (wallMilliseconds - lastTimestamp + interval / 2) / interval
            let aligned = lastTimestamp + steps * interval
            let tolerance = min(Self.toleranceMillisecondsMax, interval / 100)
            if steps > 0, abs(aligned - wallMilliseconds) <= tolerance { timestamp = aligned }
        }
        lastTimestamp = timestamp
        return timestamp
    }
}
