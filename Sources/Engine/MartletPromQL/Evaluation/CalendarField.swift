/// The parts of a date and time in UTC that PromQL's calendar functions give.
enum CalendarField: String {
    case minute, hour, month, year
    case dayOfWeek = "day_of_week"
    case dayOfMonth = "day_of_month"
    case dayOfYear = "day_of_year"
    case daysInMonth = "days_in_month"

    /// The part for a number of seconds since the epoch; not a number for what is no time.
    func value(atSeconds seconds: Double) -> Double {
        guard abs(seconds) < 1e17 else { return .nan }
        let whole = Int64(seconds)
        let day = whole >= 0 ? whole / 86400 : (whole - 86399) / 86400
        let second = whole - day * 86400
        let date = Self.date(day)
        switch self {
        case .minute: return Double(second % 3600 / 60)
        case .hour: return Double(second / 3600)
        case .month: return Double(date.month)
        case .year: return Double(date.year)
        case .dayOfMonth: return Double(date.day)
        case .dayOfWeek: return Double(((day + 4) % 7 + 7) % 7)
        case .dayOfYear: return Double(day - Self.days(date.year, 1, 1) + 1)
        case .daysInMonth:
            let (year, month) = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
            return Double(Self.days(year, month, 1) - Self.days(date.year, date.month, 1))
        }
    }

    /// The date of a day since the epoch in the Gregorian calendar, by counting from March of year 0.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day since the epoch of a date.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
