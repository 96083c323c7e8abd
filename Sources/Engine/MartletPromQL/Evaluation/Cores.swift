import Dispatch
import Synchronization

/// Work on many series that don't depend on each other, spread over the processor's cores.
enum Cores {
    /// Below so many values worked out, handing over costs more than it gains.
    private static let worthwhile = 200_000

    /// How many parts there are: more than cores, so that a slow part does not leave the others waiting for long.
    private static let parts = 8

    /// The results of a function for each place, in order.
    ///
    /// - Parameters:
    ///   - count: How many places there are.
    ///   - work: How many values are worked out in all; little work stays on the caller's thread.
    ///   - body: What is done for a place; it runs on several threads at once.
    /// - Returns: One result a place.
    static func map<Result: Sendable>(
        _ count: Int,
        work: Int,
        _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        guard work >= worthwhile, count >= parts else { return (0..<count).map(body) }
        let results = Mutex([[Result]](repeating: [], count: parts))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let result = (count * part / parts..<count * (part + 1) / parts).map(body)
            results.withLock { $0[part] = result }
        }
        return results.withLock { $0.flatMap { $0 } }
    }
}
