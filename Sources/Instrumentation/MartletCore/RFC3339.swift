/// Times as RFC 3339 writes them.
///
/// - SeeAlso: [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)
public enum RFC3339 {
    /// A time in UTC with a fixed number of fraction digits: `2026-11-21T03:25:20.123Z`.
    ///
    /// - Parameters:
    ///   - nanosecondsSinceEpoch: The time.
    ///   - fractionDigits: How many digits follow the second, 0 through 9; the rest is cut off.
    /// - Returns: The text, which ends in `Z`.
    public static func string(nanosecondsSinceEpoch: Int64, fractionDigits: Int = 3) -> String {
        let (seconds, nanoseconds) = flooredDivision(nanosecondsSinceEpoch, 1_000_000_000)
        let (day, second) = flooredDivision(seconds, 86_400)
        let date = civilDate(daysSinceEpoch: day)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if fractionDigits > 0 { text += "." + padded(nanoseconds, 9).prefix(fractionDigits) }
        return text + "Z"
    }

    /// A time without trailing zeros in its fraction, as Go's `time.RFC3339Nano` writes it: `2026-11-21T03:25:20.5Z`.
    public static func shortString(nanosecondsSinceEpoch: Int64) -> String {
        var text = string(nanosecondsSinceEpoch: nanosecondsSinceEpoch, fractionDigits: 9)
        text.removeLast()
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + "Z"
    }

    /// The nanoseconds since the epoch of a time such as `2026-11-21T03:25:20.5+01:00`, or `nil` where the text is
    /// none or lies outside 1678 to 2262, which is what 64 bits of nanoseconds hold.
    public static func nanosecondsSinceEpoch(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] == 0x54 || bytes[10] == 0x74,
            bytes[13] == 0x3a, bytes[16] == 0x3a,
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var place = 19
        var fraction: Int64 = 0
        if bytes[place] == 0x2e {
            let digits = bytes[(place + 1)...].prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, let value = number(digits.prefix(9)) else { return nil }
            fraction = value
            for _ in digits.count..<max(9, digits.count) { fraction *= 10 }
            place += 1 + digits.count
        }
        guard let offset = offsetSeconds(bytes[place...]) else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        guard civilDate(daysSinceEpoch: days) == (year, month, day) else { return nil }
        let total = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        let (nanoseconds, overflow) = total.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : nanoseconds.addingReportingOverflow(fraction).partialValue
    }

    /// The date of a day, counted from 1970-01-01, in the proleptic Gregorian calendar.
    ///
    /// - SeeAlso: [Howard Hinnant, chrono-compatible low-level date algorithms](https://howardhinnant.github.io/date_algorithms.html)
    public static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let (era, dayOfEra) = flooredDivision(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day, counted from 1970-01-01, of a date in the proleptic Gregorian calendar.
    public static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = flooredDivision(month <= 2 ? year - 1 : year, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func offsetSeconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.elementsEqual([0x5a]) || bytes.elementsEqual([0x7a]) { return 0 }
        let start = bytes.startIndex
        guard bytes.count == 6, bytes[start] == 0x2b || bytes[start] == 0x2d, bytes[start + 3] == 0x3a,
            let hours = number(bytes[(start + 1)..<(start + 3)]),
            let minutes = number(bytes[(start + 4)..<(start + 6)]),
            hours < 24, minutes < 60
        else { return nil }
        return (bytes[start] == 0x2d ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func flooredDivision(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        digits.reduce(Int64?(0)) { sum, byte in
            guard let sum, (0x30...0x39).contains(byte) else { return nil }
            return sum * 10 + Int64(byte - 0x30)
        }
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
