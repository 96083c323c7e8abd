extension SearchTest {
    /// The times that meet it, in nanoseconds since 1970; all of them where it says nothing of times.
    package var times: ClosedRange<Int64> {
        switch self {
        case .compares(let sign, let operand):
            guard let time = operand.time else { return .min ... .max }
            return switch sign {
            case .less: Int64.min...(max(time, .min + 1) - 1)
            case .lessOrEqual: Int64.min...time
            case .greater: (min(time, .max - 1) + 1)...Int64.max
            case .greaterOrEqual: time...Int64.max
            }
        case .equals(let operand):
            guard let time = operand.time else { return .min ... .max }
            // A date alone means the whole day.
            let isDay = operand.text.utf8.count == 10
            return time...(isDay ? time + 86_400_000_000_000 - 1 : time)
        default: return .min ... .max
        }
    }
}
