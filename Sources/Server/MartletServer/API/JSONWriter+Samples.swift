import MartletCore

extension JSONWriter {
    /// Writes milliseconds since the epoch as seconds, with the fraction only where there is one.
    mutating func timestamp(_ milliseconds: Int64) {
        let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = milliseconds < 0 ? "-" : ""
        raw(rest == 0 ? "\(sign)\(seconds)" : "\(sign)\(seconds).\(String(1000 + rest).dropFirst())")
    }

    /// Writes a sample as the API does: `[1435781451.781,"1"]`.
    mutating func sample(_ milliseconds: Int64, _ value: Double) {
        array {
            $0.timestamp(milliseconds)
            $0.string(FloatText.shortest(value))
        }
    }
}
