import Synchronization

/// Ends a search that takes too long or reads too much; one for all who work on the search.
///
/// Relaxed counters do: who notices the end a little later reads a little more.
final class SearchBudget: Sendable {
    let deadline: ContinuousClock.Instant
    private let spent = Atomic(false)

    /// How many bytes of blocks and of texts may still be read.
    private let bytesLeft: Atomic<Int>

    init(_ limit: Duration, bytes: Int) {
        deadline = .now + limit
        bytesLeft = Atomic(min(bytes, Int.max / 2))
    }

    /// Whether it was the bytes that ended it.
    var lacksBytes: Bool { bytesLeft.load(ordering: .relaxed) < 0 }

    /// Whether it has ended.
    var isSpent: Bool { spent.load(ordering: .relaxed) }

    /// Notes what is read.
    func read(_ bytes: Int) {
        // Below zero it is over; nothing is taken away any more, so that it cannot wrap around.
        if !lacksBytes { bytesLeft.subtract(min(bytes, Int.max / 2), ordering: .relaxed) }
    }

    /// Whether time or bytes are over.
    func isOver() -> Bool {
        if !isSpent, lacksBytes || ContinuousClock.now >= deadline { spent.store(true, ordering: .relaxed) }
        return isSpent
    }
}
