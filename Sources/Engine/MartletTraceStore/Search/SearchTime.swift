import MartletEvents

/// How long a search may still take; asked by the one thread that searches.
final class SearchTime {
    private let limit: Duration
    private let end: ContinuousClock.Instant
    private var looks = 0
    private var isOver = false

    /// Begins now.
    init(_ limit: Duration) {
        self.limit = limit
        end = .now + limit
    }

    /// Whether the time is over; looks at the clock once in 64 times, as texts are tested in a fraction of a microsecond.
    func isUp() -> Bool {
        looks &+= 1
        if !isOver, looks & 63 == 0 { isOver = ContinuousClock.now >= end }
        return isOver
    }

    /// Goes on only while there is time.
    ///
    /// - Throws: `EventError` `overTime`.
    func check() throws(EventError) {
        if !isOver { isOver = ContinuousClock.now >= end }
        guard isOver else { return }
        throw .overTime(
            "the search was ended after \(limit.wholeMilliseconds) ms; narrow it by time, by service or by words"
        )
    }
}
