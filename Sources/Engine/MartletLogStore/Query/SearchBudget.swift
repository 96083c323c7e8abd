/// Ends a search that takes too long or reads too much.
struct SearchBudget {
    let deadline: ContinuousClock.Instant
    private(set) var isSpent = false

    /// How many bytes of blocks and of texts may still be read.
    private var bytesLeft: Int

    init(_ limit: Duration, bytes: Int) {
        deadline = .now + limit
        bytesLeft = bytes
    }

    /// Whether it was the bytes that ended it.
    var lacksBytes: Bool { bytesLeft < 0 }

    /// Notes what is read.
    mutating func read(_ bytes: Int) { bytesLeft -= min(bytes, max(0, bytesLeft) + 1) }

    /// Whether time or bytes are over.
    mutating func isOver() -> Bool {
        if !isSpent, lacksBytes || ContinuousClock.now >= deadline { isSpent = true }
        return isSpent
    }
}
