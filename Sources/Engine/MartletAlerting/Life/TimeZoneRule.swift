import MartletCore

/// When a place changes its clocks in every year to come: the POSIX text at the end of a TZif file, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Hashable, Sendable {
    private struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// Day of the year from 1, the 29th of February never counted.
            case julian(Int)
            /// Day of the year from 0.
            case plain(Int)
            /// Month, week (5 for the last) and day of the week from Sunday.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds after local midnight.
        var second: Int
    }

    private var standard = 0
    private var summer = 0
    private var begin: Change?
    private var end: Change?

    /// Reads the text; `nil` where it says nothing or is malformed.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard Self.skipName(&rest), let standard = Self.time(&rest) else { return nil }
        self.standard = -standard
        summer = self.standard
        guard !rest.isEmpty else { return }
        guard Self.skipName(&rest) else { return nil }
        summer = self.standard + 3600
        if let first = rest.first, first != UInt8(ascii: ",") {
            guard let offset = Self.time(&rest) else { return nil }
            summer = -offset
        }
        guard let begin = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else { return nil }
        self.begin = begin
        self.end = end
    }

    /// How many seconds the clocks are ahead of UTC at a time, in seconds since the epoch.
    func offset(at seconds: Int64) -> Int {
        guard let begin, let end else { return standard }
        let days = (seconds + Int64(standard) - (((seconds + Int64(standard)) % 86_400) + 86_400) % 86_400) / 86_400
        let year = RFC3339.civilDate(daysSinceEpoch: days).year
        let from = Self.second(of: begin, in: year) - Int64(standard)
        let to = Self.second(of: end, in: year) - Int64(summer)
        let isSummer = from < to ? (from..<to).contains(seconds) : !(to..<from).contains(seconds)
        return isSummer ? summer : standard
    }

    private static func second(of change: Change, in year: Int64) -> Int64 {
        let newYear = RFC3339.daysSinceEpoch(year: year, month: 1, day: 1)
        let day: Int64
        switch change.day {
        case .plain(let number): day = newYear + Int64(number)
        case .julian(let number):
            let isLeap = RFC3339.daysSinceEpoch(year: year + 1, month: 1, day: 1) - newYear == 366
            day = newYear + Int64(number - 1) + (isLeap && number >= 60 ? 1 : 0)
        case .weekday(let month, let week, let wanted):
            let start = RFC3339.daysSinceEpoch(year: year, month: Int64(month), day: 1)
            let next = month == 12 ? (year + 1, Int64(1)) : (year, Int64(month + 1))
            let following = RFC3339.daysSinceEpoch(year: next.0, month: next.1, day: 1)
            // The first of January 1970 was a Thursday, day 4.
            let weekday = ((start + 4) % 7 + 7) % 7
            var found = start + (Int64(wanted) - weekday + 7) % 7 + Int64(7 * (week - 1))
            if found >= following { found -= 7 }
            day = found
        }
        return day * 86_400 + Int64(change.second)
    }

    // MARK: - Reading

    private static func skipName(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if rest.first == UInt8(ascii: "<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let name = rest.prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
        rest = rest[name.endIndex...]
        return name.count >= 3
    }

    /// A time such as `-5:30` in seconds.
    private static func time(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard var seconds = number(&rest).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where rest.first == UInt8(ascii: ":") {
            rest.removeFirst()
            guard let part = number(&rest) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    private static func change(_ rest: inout ArraySlice<UInt8>) -> Change? {
        guard rest.popFirst() == UInt8(ascii: ",") else { return nil }
        let day: Change.Day
        if rest.first == UInt8(ascii: "M") {
            rest.removeFirst()
            guard let month = number(&rest), (1...12).contains(month), rest.popFirst() == UInt8(ascii: "."),
                let week = number(&rest), (1...5).contains(week), rest.popFirst() == UInt8(ascii: "."),
                let weekday = number(&rest), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, day: weekday)
        } else if rest.first == UInt8(ascii: "J") {
            rest.removeFirst()
            guard let number = number(&rest), (1...365).contains(number) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(&rest), (0...365).contains(number) else { return nil }
            day = .plain(number)
        }
        guard rest.first == UInt8(ascii: "/") else { return Change(day: day, second: 2 * 3600) }
        rest.removeFirst()
        return time(&rest).map { Change(day: day, second: $0) }
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...4).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
