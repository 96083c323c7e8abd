import MartletCore

/// Times as programs write them into their logs.
public enum TimestampText {
    /// The nanoseconds since the epoch of a time, `nil` where the text is none that is known.
    ///
    /// Known are RFC 3339, the same with a blank, with a comma before the fraction, with slashes or without a zone, the format of
    /// access logs (`21/Nov/2026:03:25:20 +0100`), and seconds, milliseconds, microseconds or nanoseconds since the epoch,
    /// which their size tells apart.
    ///
    /// - Parameters:
    ///   - text: The time and nothing else.
    ///   - utcOffset: How many seconds a time without a zone is ahead of UTC.
    /// - Returns: The time, or `nil`.
    public static func parse(_ text: ArraySlice<UInt8>, utcOffset: Int64 = 0) -> Int64? {
        if let (time, end) = leading(text, utcOffset: utcOffset), end == text.endIndex { return time }
        return epoch(text)
    }

    /// A time of the forms with a date that stands at the beginning of a text, and where it ends.
    static func leading(_ text: ArraySlice<UInt8>, utcOffset: Int64) -> (time: Int64, end: Int)? {
        var cursor = TextCursor(text)
        if let (date, hasSlashes) = isoDate(&cursor) {
            guard cursor.take(0x54) || cursor.take(0x74) || cursor.take(0x20) || (hasSlashes && cursor.take(0x2d))
            else {
                return nil
            }
            return timeOfDay(&cursor, days: date, utcOffset: utcOffset)
        }
        cursor = TextCursor(text)
        guard let day = cursor.number(digits: 1...2), cursor.take(0x2f), let month = cursor.month(), cursor.take(0x2f),
            let year = cursor.number(digits: 4...4), cursor.take(0x3a), let days = validDays(year, month, day)
        else { return nil }
        return timeOfDay(&cursor, days: days, utcOffset: utcOffset)
    }

    /// The time of `Nov 21 03:25:20`, which lacks its year: the one that puts it nearest to the time of arrival.
    static func withoutYear(_ cursor: inout TextCursor, observed: Int64, utcOffset: Int64) -> Int64? {
        guard let month = cursor.month(), cursor.take(0x20) else { return nil }
        _ = cursor.take(0x20)
        guard let day = cursor.number(digits: 1...2), cursor.take(0x20) else { return nil }
        let days = observed / 86_400_000_000_000
        let year = RFC3339.civilDate(daysSinceEpoch: days).year
        let start = cursor
        var best: (time: Int64, cursor: TextCursor)?
        for candidate in (year - 1)...(year + 1) {
            guard let days = validDays(candidate, month, day) else { continue }
            cursor = start
            guard let (time, _) = timeOfDay(&cursor, days: days, utcOffset: utcOffset, hasZone: false) else {
                return nil
            }
            let distance = time.distance(to: observed).magnitude
            if best.map({ distance < $0.time.distance(to: observed).magnitude }) ?? true { best = (time, cursor) }
        }
        guard let best else { return nil }
        cursor = best.cursor
        return best.time
    }

    /// A number since the epoch, with or without a fraction.
    static func epoch(_ text: ArraySlice<UInt8>) -> Int64? {
        var cursor = TextCursor(text)
        guard text.count <= 32, let whole = cursor.number(digits: 9...19) else { return nil }
        var fraction: Int64 = 0
        if cursor.take(0x2e) {
            guard let nanoseconds = cursor.fraction() else { return nil }
            fraction = nanoseconds
        }
        guard cursor.isAtEnd else { return nil }
        // Each unit holds the years 1973 to 5138, of which no two overlap.
        switch whole {
        case ..<100_000_000_000: return whole.multiplied(by: 1_000_000_000).map { $0 &+ fraction }
        case ..<100_000_000_000_000: return whole.multiplied(by: 1_000_000).map { $0 &+ fraction / 1_000 }
        case ..<100_000_000_000_000_000: return whole.multiplied(by: 1_000)
        default: return whole
        }
    }

    // MARK: Parts

    private static func isoDate(_ cursor: inout TextCursor) -> (days: Int64, hasSlashes: Bool)? {
        guard let year = cursor.number(digits: 4...4) else { return nil }
        let hasSlashes = cursor.take(0x2f)
        guard hasSlashes || cursor.take(0x2d), let month = cursor.twoDigits(),
            cursor.take(hasSlashes ? 0x2f : 0x2d), let day = cursor.twoDigits(),
            let days = validDays(year, month, day)
        else { return nil }
        return (days, hasSlashes)
    }

    private static func validDays(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        // What 64 bits of nanoseconds hold.
        guard (1700...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let days = RFC3339.daysSinceEpoch(year: year, month: month, day: day)
        return RFC3339.civilDate(daysSinceEpoch: days) == (year, month, day) ? days : nil
    }

    private static func timeOfDay(
        _ cursor: inout TextCursor,
        days: Int64,
        utcOffset: Int64,
        hasZone: Bool = true
    ) -> (time: Int64, end: Int)? {
        guard let hour = cursor.twoDigits(), hour < 24, cursor.take(0x3a),
            let minute = cursor.twoDigits(), minute < 60, cursor.take(0x3a),
            let second = cursor.twoDigits(), second <= 60
        else { return nil }
        var nanoseconds: Int64 = 0
        let beforeFraction = cursor
        if cursor.take(0x2e) || cursor.take(0x2c) {
            if let fraction = cursor.fraction() { nanoseconds = fraction } else { cursor = beforeFraction }
        }
        let offset = (hasZone ? zone(&cursor) : nil) ?? utcOffset
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return (seconds * 1_000_000_000 + nanoseconds, cursor.place)
    }

    /// `Z`, `+01:00` or `+0100`, also after a blank; nothing is taken where there is no zone.
    private static func zone(_ cursor: inout TextCursor) -> Int64? {
        let start = cursor
        let hasBlank = cursor.take(0x20)
        if cursor.take(0x5a) || cursor.take(0x7a) { return 0 }
        if hasBlank, cursor.take(text: "UTC") { return 0 }
        let isWest = cursor.take(0x2d)
        guard isWest || cursor.take(0x2b), let hours = cursor.twoDigits(), hours < 24 else {
            cursor = start
            return nil
        }
        _ = cursor.take(0x3a)
        guard let minutes = cursor.twoDigits(), minutes < 60 else {
            cursor = start
            return nil
        }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    fileprivate func multiplied(by factor: Int64) -> Int64? {
        let (result, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
    }
}
