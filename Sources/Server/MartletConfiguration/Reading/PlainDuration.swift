import MartletCore

/// Durations as people write them in configuration files.
enum PlainDuration {
    /// The milliseconds of `1h30m`, `5 minutes`, or of a number alone where a unit is given.
    static func milliseconds(_ text: String, plainUnit: PlainDurationUnit?) -> Int64? {
        if let milliseconds = DurationText.milliseconds(text) { return milliseconds }
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let word = text.dropFirst(number.count).drop { $0 == " " }
        guard let count = Double(number), let unit = word.isEmpty ? plainUnit : unit(of: word.lowercased()) else {
            return nil
        }
        let milliseconds = (count * Double(unit.milliseconds)).rounded()
        return milliseconds < 9e12 ? Int64(milliseconds) : nil
    }

    private static func unit(of word: String) -> PlainDurationUnit? {
        switch word {
        case "ms", "millisecond", "milliseconds": .milliseconds
        case "s", "sec", "secs", "second", "seconds": .seconds
        case "m", "min", "mins", "minute", "minutes": .minutes
        case "h", "hour", "hours": .hours
        case "d", "day", "days": .days
        default: nil
        }
    }
}
