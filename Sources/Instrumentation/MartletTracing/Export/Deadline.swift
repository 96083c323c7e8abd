import Synchronization

/// Waits for work no longer than a time, also where the work does not end when it is cancelled.
enum Deadline {
    /// Runs work; false where it took too long and was cancelled.
    static func run(within limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
        await value(within: limit) { await work() } != nil
    }

    /// Runs work; `nil` where it took too long and was cancelled.
    static func value<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let race = Race<Value>()
        return await withCheckedContinuation { continuation in
            race.begin(continuation)
            let task = Task.detached { race.end(with: await work()) }
            let alarm = Task.detached {
                try? await Task.sleep(for: limit)
                race.end(with: nil)
                task.cancel()
            }
            race.onEnd { alarm.cancel() }
        }
    }
}

/// Gives a continuation the first of several results.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value?, Never>?
        var isOver = false
        var clean: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Value?, Never>) {
        state.withLock { $0.continuation = continuation }
    }

    func onEnd(_ clean: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isOver { state.clean = clean }
            return state.isOver
        }
        if isOver { clean() }
    }

    func end(with value: Value?) {
        let (continuation, clean) = state.withLock { state in
            defer { state = State(isOver: true) }
            return state.isOver ? (nil, nil) : (state.continuation, state.clean)
        }
        continuation?.resume(returning: value)
        clean?()
    }
}
