import CMartletCells

// Safety: the lock is made before and freed after any use.

/// Something that a thread waits for, until somebody opens it or a time is over.
@safe
final class Gate: @unchecked Sendable {
    private let lock: OpaquePointer
    private var isOpen = false

    init() {
        guard let lock = unsafe martlet_lock_make() else { fatalError("no memory for a lock") }
        unsafe self.lock = unsafe lock
    }

    deinit {
        unsafe martlet_lock_free(lock)
    }

    /// Lets the thread that waits, or the next one that does, go on.
    func open() {
        unsafe martlet_lock_acquire(lock)
        isOpen = true
        unsafe martlet_lock_notify(lock)
        unsafe martlet_lock_release(lock)
    }

    /// Waits until the gate is opened or the time is over, and closes it.
    func wait(nanoseconds: Int64) {
        unsafe martlet_lock_acquire(lock)
        if !isOpen { _ = unsafe martlet_lock_wait(lock, nanoseconds) }
        isOpen = false
        unsafe martlet_lock_release(lock)
    }

    /// Runs a body while nobody else does.
    func exclusively(_ body: () -> Void) {
        unsafe martlet_lock_acquire(lock)
        body()
        unsafe martlet_lock_release(lock)
    }
}
