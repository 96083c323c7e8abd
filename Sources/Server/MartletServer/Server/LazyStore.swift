import Synchronization

/// A store that is not opened before there is something in it.
///
/// What nobody sends anything for has no thread, no file and no memory.
final class LazyStore<Store: Sendable, Failure: Error>: Sendable {
    private enum State {
        case idle
        case open(Store)
        case closed
    }

    private let isThere: @Sendable () -> Bool
    private let stopped: Failure
    private let open: @Sendable () throws(Failure) -> Store
    private let state = Mutex(State.idle)

    /// A store that `open` opens; `isThere` tells whether a run before left one, `stopped` what is said once it is closed.
    init(
        isThere: @escaping @Sendable () -> Bool,
        stopped: Failure,
        open: @escaping @Sendable () throws(Failure) -> Store
    ) {
        self.isThere = isThere
        self.stopped = stopped
        self.open = open
    }

    /// The store to put something into.
    func toWrite() throws(Failure) -> Store {
        try state.withLock { state throws(Failure) in
            switch state {
            case .open(let store): return store
            case .closed: throw stopped
            case .idle:
                let store = try open()
                state = .open(store)
                return store
            }
        }
    }

    /// The store to look into, `nil` where nothing ever came.
    func toRead() throws(Failure) -> Store? {
        if let store = ifOpen { return store }
        return isThere() ? try toWrite() : nil
    }

    /// The store where it is open already.
    var ifOpen: Store? {
        state.withLock { state in
            guard case .open(let store) = state else { return nil }
            return store
        }
    }

    /// Hands the store over to be closed, where it is open; it cannot be opened again.
    func close() -> Store? {
        state.withLock { state in
            defer { state = .closed }
            guard case .open(let store) = state else { return nil }
            return store
        }
    }
}
