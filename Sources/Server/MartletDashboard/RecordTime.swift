import MartletCore

/// Times as the browser tells them, in UTC.
enum RecordTime {
    /// Hours and minutes, with the day where it is another than `today`.
    static func minute(_ nanosecondsSinceEpoch: Int64) -> String {
        String(RFC3339.string(nanosecondsSinceEpoch: nanosecondsSinceEpoch).dropFirst(5).prefix(11))
            .replacing("T", with: " ")
    }
}

extension String {
    fileprivate func replacing(_ character: Character, with other: Character) -> String {
        String(map { $0 == character ? other : $0 })
    }
}
