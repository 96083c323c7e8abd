#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why something that sends telemetry can't begin.
public enum ExportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file can't be opened; the number is the system's.
    case cannotOpen(String, Int32)
    /// An address is not one, or nobody has it.
    case badAddress(String)
    /// The HTTP client can't begin.
    case client(String)
    /// A setting has a value that makes no sense.
    case badSetting(name: String, value: String, expected: String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let number):
            "cannot open \(path): \(unsafe String(cString: strerror(number)))"
        case .badAddress(let address): "cannot send to \"\(address)\": it is not host:port of a host that is known"
        case .client(let message): message
        case .badSetting(let name, let value, let expected): "\(name) is \"\(value)\", expected \(expected)"
        }
    }
}
