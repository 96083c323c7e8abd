extension FloatText {
    /// Appends a number as the HTTP API of Prometheus writes sample values, without making a text of its own.
    ///
    /// The same texts as ``shortest(_:)``: `0.00001`, `1e-07`, `1e+21`, `+Inf`, `NaN`.
    ///
    /// - Complexity: Most measured values are whole or have few decimal places and cost a few divisions.
    public static func append(_ value: Double, to bytes: inout [UInt8]) {
        let magnitude = abs(value)
        guard magnitude < 1e15, magnitude >= 1e-6 || magnitude == 0 else { return appendUnusual(value, to: &bytes) }
        if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
        let whole = magnitude.rounded(.towardZero)
        if whole == magnitude { return append(UInt64(whole), to: &bytes) }
        // A quotient of a whole number and a power of ten, both exact, is the double nearest to that decimal; with at
        // most 15 digits no shorter decimal means the same double.
        var power = 10.0
        for places in 1...6 {
            let scaled = (magnitude * power).rounded()
            guard scaled < 1e15 else { break }
            if scaled / power == magnitude {
                return appendDecimal(UInt64(scaled), places: places, to: &bytes)
            }
            power *= 10
        }
        appendUnusual(magnitude, to: &bytes)
    }

    /// Appends a whole number's digits.
    public static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        if number < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
            return
        }
        let start = bytes.count
        var rest = number
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        var (low, high) = (start, bytes.count - 1)
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// Appends milliseconds as seconds, with three decimal places only where there is a fraction: `1435781451.781`.
    public static func append(seconds milliseconds: Int64, to bytes: inout [UInt8]) {
        if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        append(seconds, to: &bytes)
        guard rest != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / 100))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / 10 % 10))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
    }

    private static func appendDecimal(_ digits: UInt64, places: Int, to bytes: inout [UInt8]) {
        var divisor: UInt64 = 1
        for _ in 0..<places { divisor *= 10 }
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: divisor)
        append(whole, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        var rest = fraction
        for _ in 0..<places {
            divisor /= 10
            let (digit, next) = rest.quotientAndRemainder(dividingBy: divisor)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = next
        }
    }

    private static func appendUnusual(_ value: Double, to bytes: inout [UInt8]) {
        let magnitude = abs(value)
        // From 1e-4 on Swift's own text has the same digits and costs no copy of them; below it has an exponent.
        if magnitude >= 1e-4, magnitude < 9e15, magnitude != magnitude.rounded(.towardZero) {
            bytes.append(contentsOf: value.description.utf8)
        } else {
            bytes.append(contentsOf: shortest(value).utf8)
        }
    }
}
