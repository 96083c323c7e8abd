import MartletCore

/// Times of days, weeks and years: one entry of Alertmanager's `time_intervals`.
///
/// A list that is empty holds always; one that is not holds where any of its ranges does. All lists have to hold.
///
/// - SeeAlso: [time_interval](https://prometheus.io/docs/alerting/0.28/configuration/#time_interval-0)
public struct CalendarInterval: Hashable, Sendable {
    /// Days of a month; negative ones count from its end, -1 being the last.
    public struct Days: Hashable, Sendable {
        /// The first day.
        public var first: Int
        /// The last day.
        public var last: Int

        /// Creates a range.
        public init(_ first: Int, _ last: Int) {
            self.first = first
            self.last = last
        }
    }

    /// Minutes of the day, the last not included.
    public var times: [Range<Int>]

    /// Days of the week from Sunday, 0.
    public var weekdays: [ClosedRange<Int>]

    /// Days of the month.
    public var daysOfMonth: [Days]

    /// Months from January, 1.
    public var months: [ClosedRange<Int>]

    /// Years.
    public var years: [ClosedRange<Int>]

    /// The clocks that count.
    public var zone: TimeZoneTable

    /// Creates an interval that always holds, but for what is given.
    public init(
        times: [Range<Int>] = [],
        weekdays: [ClosedRange<Int>] = [],
        daysOfMonth: [Days] = [],
        months: [ClosedRange<Int>] = [],
        years: [ClosedRange<Int>] = [],
        zone: TimeZoneTable = .utc
    ) {
        self.times = times
        self.weekdays = weekdays
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.years = years
        self.zone = zone
    }

    /// Whether a time, in milliseconds since the epoch, lies in the interval.
    public func contains(_ time: Int64) -> Bool {
        let seconds = Self.floored(time, 1000)
        let local = seconds + Int64(zone.offset(at: seconds))
        let day = Self.floored(local, 86_400)
        let minute = Int((local - day * 86_400) / 60)
        guard times.isEmpty || times.contains(where: { $0.contains(minute) }) else { return false }
        // The first of January 1970 was a Thursday, day 4.
        let weekday = Int(((day + 4) % 7 + 7) % 7)
        guard weekdays.isEmpty || weekdays.contains(where: { $0.contains(weekday) }) else { return false }
        let date = RFC3339.civilDate(daysSinceEpoch: day)
        guard months.isEmpty || months.contains(where: { $0.contains(Int(date.month)) }) else { return false }
        guard years.isEmpty || years.contains(where: { $0.contains(Int(date.year)) }) else { return false }
        guard !daysOfMonth.isEmpty else { return true }
        let next = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
        let start = RFC3339.daysSinceEpoch(year: date.year, month: date.month, day: 1)
        let length = Int(RFC3339.daysSinceEpoch(year: next.0, month: next.1, day: 1) - start)
        return daysOfMonth.contains { days in
            let first = days.first < 0 ? max(1, length + 1 + days.first) : days.first
            let last = min(length, days.last < 0 ? length + 1 + days.last : days.last)
            return first <= Int(date.day) && Int(date.day) <= last
        }
    }

    private static func floored(_ value: Int64, _ by: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
