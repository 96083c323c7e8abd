#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the time of day comes from; a parameter of everything that depends on it, so that tests own it.
public protocol WallClock: Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    var nanosecondsSinceEpoch: Int64 { get }
}

extension WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z, the unit of sample timestamps.
    public var millisecondsSinceEpoch: Int64 { nanosecondsSinceEpoch / 1_000_000 }

    /// Seconds since 1970-01-01T00:00:00Z, with their fraction.
    public var secondsSinceEpoch: Double { Double(nanosecondsSinceEpoch) / 1e9 }
}

/// The machine's clock; it can be set, and so can jump.
public struct SystemWallClock: WallClock {
    /// Creates a view of the machine's clock.
    public init() {}

    /// The machine's time of day now.
    public var nanosecondsSinceEpoch: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
