import CNghttp2
import MartletHTTPServer
import MartletLogging
import Synchronization

/// What the threads of one server share.
final class GRPCCore: Sendable {
    /// A call that a worker has answered.
    struct Answer: Sendable {
        let connection: UInt64
        let stream: Int32
        let status: GRPCStatus
        let message: [UInt8]
    }

    private struct State {
        var answers: [Answer] = []
        /// When to stop, at the latest; `nil` while it is not to.
        var stopDeadline: Int64?
        var isOver = false
    }

    let configuration: GRPCServer.Configuration
    let methods: [String: GRPCMethod]
    let pool: WorkerPool
    let logger: Logger
    let counters = ServerCounters()
    let connectionsOpen = Atomic(0)
    /// Becomes readable when there is an answer, or when the server is to stop.
    let wake: Int32
    private let state = Mutex(State())

    init?(
        _ configuration: GRPCServer.Configuration,
        methods: [String: GRPCMethod],
        pool: WorkerPool,
        logger: Logger
    ) {
        self.configuration = configuration
        self.methods = methods
        self.pool = pool
        self.logger = logger
        wake = martlet_wake_new()
        guard wake >= 0 else { return nil }
    }

    deinit {
        if wake >= 0 { Platform.closeDescriptor(wake) }
    }

    /// Hands an answer to the thread that sends it.
    func deliver(_ answer: Answer) {
        let isFirst = state.withLock { state in
            guard !state.isOver else { return false }
            state.answers.append(answer)
            return state.answers.count == 1
        }
        if isFirst { martlet_wake(wake) }
    }

    /// The answers that came since the last time, and when to stop.
    func take() -> (answers: [Answer], stopDeadline: Int64?) {
        state.withLock { state in
            defer { state.answers.removeAll() }
            return (state.answers, state.stopDeadline)
        }
    }

    func stop(until deadline: Int64) {
        state.withLock { $0.stopDeadline = deadline }
        martlet_wake(wake)
    }

    /// Nobody takes answers any more.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.answers = []
        }
    }
}
