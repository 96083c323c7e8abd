import MartletCore

/// Times and durations as Go prints them, always in UTC.
enum TemplateTime {
    static let nanosecondsPerSecond: Int64 = 1_000_000_000

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The parts of a time.
    struct Parts {
        let year, month, day, hour, minute, second, nanosecond, weekday, yearDay: Int64

        init(_ nanoseconds: Int64) {
            let seconds = Parts.floor(nanoseconds, nanosecondsPerSecond)
            let date = Parts.floor(seconds, 86_400)
            let rest = seconds - date * 86_400
            (year, month, day) = RFC3339.civilDate(daysSinceEpoch: date)
            (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
            nanosecond = nanoseconds - seconds * nanosecondsPerSecond
            weekday = ((date + 4) % 7 + 7) % 7
            yearDay = date - RFC3339.daysSinceEpoch(year: year, month: 1, day: 1) + 1
        }

        private static func floor(_ value: Int64, _ by: Int64) -> Int64 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
            return remainder < 0 ? quotient - 1 : quotient
        }
    }

    /// A time as `2015-06-23 13:19:44.128 +0000 UTC`.
    static func string(_ nanoseconds: Int64) -> String {
        format(nanoseconds, "2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// The English name of a month, 1 through 12.
    static func monthName(_ month: Int64) -> String { months[Int(month) - 1] }

    /// The English name of a day of the week, Sunday being 0.
    static func dayName(_ weekday: Int64) -> String { days[Int(weekday)] }

    /// A time in the form of a layout, Go's way of showing the form by the time `Mon Jan 2 15:04:05 2006`.
    static func format(_ nanoseconds: Int64, _ layout: String) -> String {
        let parts = Parts(nanoseconds)
        var result = ""
        var rest = Substring(layout)
        while let first = rest.first {
            if let (word, text) = element(at: rest, parts) {
                result += text
                rest = rest.dropFirst(word.count)
            } else if first == "." || first == ",", let (length, text) = fraction(at: rest, parts.nanosecond, first) {
                result += text
                rest = rest.dropFirst(length)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// The layout's words, longer ones before their beginnings.
    private static func element(at rest: Substring, _ parts: Parts) -> (String, String)? {
        let hour12 = parts.hour % 12 == 0 ? 12 : parts.hour % 12
        let words: [(String, () -> String)] = [
            ("2006", { padded(parts.year, 4) }), ("January", { monthName(parts.month) }),
            ("Jan", { String(monthName(parts.month).prefix(3)) }), ("Monday", { dayName(parts.weekday) }),
            ("Mon", { String(dayName(parts.weekday).prefix(3)) }), ("MST", { "UTC" }),
            ("Z07:00", { "Z" }), ("Z0700", { "Z" }), ("-07:00", { "+00:00" }), ("-0700", { "+0000" }),
            ("-07", { "+00" }),
            ("002", { padded(parts.yearDay, 3) }), ("01", { padded(parts.month, 2) }), ("02", { padded(parts.day, 2) }),
            ("03", { padded(hour12, 2) }), ("04", { padded(parts.minute, 2) }), ("05", { padded(parts.second, 2) }),
            ("06", { padded(parts.year % 100, 2) }), ("15", { padded(parts.hour, 2) }),
            ("PM", { parts.hour < 12 ? "AM" : "PM" }), ("pm", { parts.hour < 12 ? "am" : "pm" }),
            ("_2", { parts.day < 10 ? " \(parts.day)" : "\(parts.day)" }), ("1", { String(parts.month) }),
            ("2", { String(parts.day) }), ("3", { String(hour12) }), ("4", { String(parts.minute) }),
            ("5", { String(parts.second) }),
        ]
        return words.first { rest.hasPrefix($0.0) }.map { ($0.0, $0.1()) }
    }

    /// `.000` keeps zeros, `.999` drops those at the end.
    private static func fraction(at rest: Substring, _ nanosecond: Int64, _ point: Character) -> (Int, String)? {
        guard let kind = rest.dropFirst().first, kind == "0" || kind == "9" else { return nil }
        let run = rest.dropFirst().prefix { $0 == kind }
        let after = rest.dropFirst(1 + run.count).first
        guard run.count <= 9, after.map({ !("0"..."9").contains($0) }) ?? true else { return nil }
        var digits = padded(nanosecond, 9).prefix(run.count)
        if kind == "9" { while digits.hasSuffix("0") { digits.removeLast() } }
        return (1 + run.count, digits.isEmpty ? "" : "\(point)\(digits)")
    }

    /// A duration as Go writes it: `30m0s`, `1.5s`, `250ms`, `0s`.
    static func durationString(_ nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let size = nanoseconds.magnitude
        for (unit, name) in [(UInt64(1000), "ns"), (1_000_000, "µs"), (1_000_000_000, "ms")] where size < unit {
            return sign + decimal(size, per: unit / 1000) + name
        }
        let seconds = size / 1_000_000_000
        let rest = seconds % 60 * 1_000_000_000 + size % 1_000_000_000
        var text = decimal(rest, per: 1_000_000_000) + "s"
        if seconds >= 60 { text = "\(seconds / 60 % 60)m" + text }
        if seconds >= 3600 { text = "\(seconds / 3600)h" + text }
        return sign + text
    }

    private static func decimal(_ value: UInt64, per unit: UInt64) -> String {
        let fraction = value % unit
        guard fraction > 0 else { return String(value / unit) }
        var digits = String(unit + fraction).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(value / unit).\(digits)"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
