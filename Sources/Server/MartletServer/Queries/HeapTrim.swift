import CMartletHost
import Dispatch
import Synchronization

/// Gives the memory that heavy queries have freed back to the system, some time after the last of them.
///
/// The C library keeps freed blocks for later, which for a server that answers one heavy query an hour is for nothing.
final class HeapTrim: Sendable {
    /// From how many samples on a query counts as heavy.
    static let samplesMin = 100_000

    /// How long after a query memory is given back: soon, and again when a large answer has been sent, too.
    private static let delays = [DispatchTimeInterval.milliseconds(500), .seconds(5)]

    private let isDue = Atomic(false)
    private let queue = DispatchQueue(label: "martlet.heap", qos: .utility)

    /// Notes a query that is done but for sending its answer.
    func note(samples: Int) {
        // Relaxed: a query that comes too late for one round is early for the next.
        guard samples >= Self.samplesMin, !isDue.exchange(true, ordering: .relaxed) else { return }
        for delay in Self.delays {
            queue.asyncAfter(deadline: .now() + delay) { [self] in
                isDue.store(false, ordering: .relaxed)
                martlet_trim_heap()
            }
        }
    }
}
