import MartletCore

/// Times as the browser tells them, in UTC.
enum RecordTime {
    /// From when through when: hours and minutes, with the days where these differ.
    static func span(_ first: Int64, through last: Int64) -> String {
        let (first, last) = (words(first), words(last))
        return first.day == last.day
            ? "\(first.time)–\(last.time)" : "\(first.day) \(first.time)–\(last.day) \(last.time)"
    }

    private static func words(_ nanosecondsSinceEpoch: Int64) -> (day: Substring, time: Substring) {
        let text = RFC3339.string(nanosecondsSinceEpoch: nanosecondsSinceEpoch)
        return (text.dropFirst(5).prefix(5), text.dropFirst(11).prefix(5))
    }
}
