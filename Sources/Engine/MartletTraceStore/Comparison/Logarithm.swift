#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Logarithms, which the system's mathematics has.
enum Logarithm {
    /// To the base of e.
    static func natural(_ value: Double) -> Double { log(value) }
}
