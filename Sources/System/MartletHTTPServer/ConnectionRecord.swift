import Synchronization

/// One open connection, as the reaper sees it.
final class ConnectionRecord: Sendable {
    let descriptor: Int32
    let address: String
    /// Whether it came when all places were taken; its request is answered 503.
    let isSurplus: Bool

    private let phaseNumber: Atomic<Int>
    private let deadlineNanoseconds: Atomic<Int64>
    private let current = Mutex<Exchange?>(nil)

    init(descriptor: Int32, address: String, isSurplus: Bool, deadline: Int64) {
        self.descriptor = descriptor
        self.address = address
        self.isSurplus = isSurplus
        phaseNumber = Atomic(HTTPPhase.header.number)
        deadlineNanoseconds = Atomic(deadline)
    }

    /// The request in progress.
    var exchange: Exchange? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    // The deadline alone decides; the phase only names the reason. So relaxed ordering suffices.

    var phase: HTTPPhase { HTTPPhase.allCases[phaseNumber.load(ordering: .relaxed)] }
    var deadline: Int64 { deadlineNanoseconds.load(ordering: .relaxed) }

    func enter(_ phase: HTTPPhase, until deadline: Int64) {
        phaseNumber.store(phase.number, ordering: .relaxed)
        deadlineNanoseconds.store(deadline, ordering: .relaxed)
    }

    /// Moves the deadline without a change of phase.
    func extend(to deadline: Int64) {
        deadlineNanoseconds.store(deadline, ordering: .relaxed)
    }
}

extension HTTPPhase {
    fileprivate var number: Int {
        switch self {
        case .idle: 0
        case .header: 1
        case .body: 2
        case .handler: 3
        case .write: 4
        }
    }
}
