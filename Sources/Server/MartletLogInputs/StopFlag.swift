#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// Tells a thread of an input to end.
final class StopFlag: Sendable {
    private let isSet = Atomic<Bool>(false)

    var isStopped: Bool { isSet.load(ordering: .acquiring) }

    func stop() { isSet.store(true, ordering: .releasing) }

    /// Waits on this thread, in small pieces; `false` once it is to end.
    func pause(milliseconds: Int) -> Bool {
        var left = milliseconds
        while left > 0, !isStopped {
            usleep(UInt32(min(left, 20) * 1_000))
            left -= 20
        }
        return !isStopped
    }
}
