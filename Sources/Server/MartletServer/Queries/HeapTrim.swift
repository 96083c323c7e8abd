import CMartletHost
import Dispatch
import Synchronization

/// Gives the memory that heavy queries have freed back to the system, some time after the last of them.
///
/// The C library keeps freed blocks for later, which for a server that answers one heavy query an hour is for nothing.
final class HeapTrim: Sendable {
    /// From how many samples on a query counts as heavy.
    static let samplesMin = 100_000

    /// How long queries go on without the memory being given back, at least.
    private static let delay = DispatchTimeInterval.milliseconds(500)

    private let isDue = Atomic(false)
    private let queue = DispatchQueue(label: "martlet.heap", qos: .utility)

    /// Notes a query that is done but for sending its answer.
    func note(samples: Int) {
        // Relaxed: a query that comes too late for one round is early for the next.
        guard samples >= Self.samplesMin, !isDue.exchange(true, ordering: .relaxed) else { return }
        queue.asyncAfter(deadline: .now() + Self.delay) { [self] in
            isDue.store(false, ordering: .relaxed)
            martlet_trim_heap()
        }
    }
}
