#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The functions of the C library's mathematics; the only file that imports it.
enum Mathematics {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func atan2(_ y: Double, _ x: Double) -> Double { angle(y, x) }
    static func exp2(_ exponent: Double) -> Double { powerOfTwo(exponent) }
    static func log2(_ value: Double) -> Double { binaryLogarithm(value) }

    /// The function of a PromQL function's name that maps a number to a number, or `nil` where it is none.
    static func function(named name: String) -> ((Double) -> Double)? {
        switch name {
        case "abs": { Swift.abs($0) }
        case "ceil": { $0.rounded(.up) }
        case "floor": { $0.rounded(.down) }
        case "sqrt": { $0.squareRoot() }
        case "sgn": { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
        case "deg": { $0 * 180 / .pi }
        case "rad": { $0 * .pi / 180 }
        case "exp": { exp($0) }
        case "ln": { log($0) }
        case "log2": { binaryLogarithm($0) }
        case "log10": { log10($0) }
        default: trigonometric(name)
        }
    }

    private static func trigonometric(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "sin": { sin($0) }
        case "cos": { cos($0) }
        case "tan": { tan($0) }
        case "asin": { asin($0) }
        case "acos": { acos($0) }
        case "atan": { atan($0) }
        case "sinh": { sinh($0) }
        case "cosh": { cosh($0) }
        case "tanh": { tanh($0) }
        case "asinh": { asinh($0) }
        case "acosh": { acosh($0) }
        case "atanh": { atanh($0) }
        default: nil
        }
    }
}

private func angle(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
private func powerOfTwo(_ exponent: Double) -> Double { exp2(exponent) }
private func binaryLogarithm(_ value: Double) -> Double { log2(value) }
