import CMartletCells

// Safety: `state` is only reached in `withLock`, while the lock is held; the lock is made before and freed after any use.

/// A state and the lock that guards it.
///
/// Used here instead of the standard library's mutex because ThreadSanitizer sees this one: the recording side must be
/// shown to be free of races.
@safe
final class Locked<State>: @unchecked Sendable {
    private let lock: OpaquePointer
    private var state: State

    init(_ state: sending State) {
        guard let lock = unsafe martlet_lock_make() else { fatalError("no memory for a lock") }
        unsafe self.lock = unsafe lock
        self.state = state
    }

    deinit {
        unsafe martlet_lock_free(lock)
    }

    func withLock<Result, Failure>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe martlet_lock_acquire(lock)
        defer { unsafe martlet_lock_release(lock) }
        return try body(&state)
    }

    /// Gives the lock up until the state is changed by ``notifying(_:)`` or the time is over, again and again until the
    /// body has a result.
    ///
    /// - Returns: The result, or `nil` where the time was over first.
    func wait<Result>(nanoseconds: Int64, _ body: (inout State) -> Result?) -> Result? {
        unsafe martlet_lock_acquire(lock)
        defer { unsafe martlet_lock_release(lock) }
        let end = martlet_monotonic_nanoseconds() + nanoseconds
        while true {
            if let result = body(&state) { return result }
            let left = end - martlet_monotonic_nanoseconds()
            guard left > 0 else { return nil }
            _ = unsafe martlet_lock_wait(lock, left)
        }
    }

    /// Changes the state and wakes those that wait for it.
    func notifying<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe martlet_lock_acquire(lock)
        defer { unsafe martlet_lock_release(lock) }
        let result = body(&state)
        unsafe martlet_lock_notify(lock)
        return result
    }
}
