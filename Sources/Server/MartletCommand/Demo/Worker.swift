#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The work that the demonstration's service does for a request.
enum Worker {
    /// Holds the calling thread for so long, as a call to another service would.
    static func rest(seconds: Double) {
        usleep(UInt32(min(1, max(0, seconds)) * 1_000_000))
    }
}
