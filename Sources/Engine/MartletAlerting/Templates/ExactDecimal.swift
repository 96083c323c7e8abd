/// The decimal digits of a floating-point number, all of them, for rounding that is right to the last digit.
///
/// A double is a whole number times a power of two, and so has finitely many decimal digits, 1,075 at most. They are
/// found by multiplying out; rounding then decides on the exact value, ties to even, as C and Go do.
struct ExactDecimal {
    /// The digits without zeros at either end, each 0 through 9; none for zero.
    private(set) var digits: [UInt8]

    /// How many digits stand before the decimal point; negative for zeros after it.
    private(set) var pointPlace: Int

    /// The digits of a finite number's magnitude.
    init(_ value: Double) {
        guard value.isFinite, value != 0 else {
            digits = []
            pointPlace = 0
            return
        }
        let bits = value.significandBitPattern
        let isSubnormal = value.exponentBitPattern == 0
        var significand = isSubnormal ? bits : bits | (1 << 52)
        var exponent = Int(isSubnormal ? 1 : value.exponentBitPattern) - 1075
        let trailing = significand.trailingZeroBitCount
        significand >>= UInt64(trailing)
        exponent += trailing
        var limbs = Limbs(significand)
        // m · 2^-k = m · 5^k / 10^k, so that only whole numbers are multiplied.
        if exponent >= 0 { limbs.multiply(by: 2, times: exponent) } else { limbs.multiply(by: 5, times: -exponent) }
        digits = limbs.digits
        pointPlace = digits.count + min(0, exponent)
        trim()
    }

    /// The shortest digits that read back as the same number.
    init(shortest value: Double) {
        digits = []
        pointPlace = 0
        guard value.isFinite, value != 0 else { return }
        var exponent = 0
        var integerDigits: Int?
        let parts = value.magnitude.description.split(separator: "e")
        if parts.count > 1 { exponent = Int(parts[1].filter { $0 != "+" }) ?? 0 }
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") { integerDigits = digits.count } else { digits.append(byte - 0x30) }
        }
        pointPlace = (integerDigits ?? digits.count) + exponent
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        pointPlace -= leading
        trim()
    }

    /// Keeps a number of digits from the first on; `count` may be negative where nothing is kept.
    mutating func round(toDigits count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            digits = []
            return
        }
        let roundsUp: Bool
        if digits[count] != 5 || count + 1 < digits.count {
            roundsUp = digits[count] >= 5
        } else {
            roundsUp = count > 0 && digits[count - 1] % 2 == 1
        }
        digits.removeLast(digits.count - count)
        if roundsUp { increment() }
        trim()
    }

    private mutating func increment() {
        while let last = digits.popLast() {
            guard last == 9 else { return digits.append(last + 1) }
        }
        digits = [1]
        pointPlace += 1
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
    }

    /// A whole number in base 10^9, the lowest limb first.
    private struct Limbs {
        private static let base: UInt64 = 1_000_000_000
        private var limbs: [UInt64] = []

        init(_ value: UInt64) {
            var rest = value
            while rest > 0 {
                limbs.append(rest % Self.base)
                rest /= Self.base
            }
        }

        mutating func multiply(by factor: UInt64, times: Int) {
            var left = times
            while left > 0 {
                var step: UInt64 = 1
                while left > 0, step <= 200_000_000 {
                    step *= factor
                    left -= 1
                }
                var carry: UInt64 = 0
                for index in limbs.indices {
                    let product = limbs[index] * step + carry
                    limbs[index] = product % Self.base
                    carry = product / Self.base
                }
                while carry > 0 {
                    limbs.append(carry % Self.base)
                    carry /= Self.base
                }
            }
        }

        var digits: [UInt8] {
            var all: [UInt8] = []
            for limb in limbs.reversed() {
                let text = Array(String(limb).utf8)
                if !all.isEmpty { all += Array(repeating: 0, count: 9 - text.count) }
                all += text.map { $0 - 0x30 }
            }
            return all
        }
    }
}
