import CMartletHost

/// Keeps the resident memory of a server that has little to do small.
///
/// Half of the program runs only while it starts, and a heavy query leaves freed heap behind. Both are given back right after the
/// start and every ten minutes from then on; what is still in use comes back from the page cache within a millisecond.
enum IdleMemory {
    private static let interval: Duration = .seconds(600)

    /// Gives memory back now and every ten minutes, until the task that runs it is cancelled.
    static func keepReleasing() async {
        repeat {
            martlet_release_idle_memory()
            try? await Task.sleep(for: interval)
        } while !Task.isCancelled
    }
}
