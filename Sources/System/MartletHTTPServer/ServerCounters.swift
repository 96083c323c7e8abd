package import Synchronization

/// The numbers behind ``HTTPServerStatistics``.
///
/// Each is a count of its own that nothing else is derived from, so relaxed ordering suffices.
package final class ServerCounters: Sendable {
    package let connectionsAccepted = Atomic(0)
    package let connectionsRejected = Atomic(0)
    package let bytesReceived = Atomic(0)
    package let bytesSent = Atomic(0)
    let slowEventClients = Atomic(0)
    let brokenAnswers = Atomic(0)
    package let bodyBytesInFlight = Atomic(0)
    private let answered0 = Atomic(0)
    private let answered1 = Atomic(0)
    private let answered2 = Atomic(0)
    private let answered3 = Atomic(0)
    private let answered4 = Atomic(0)
    private let answered5 = Atomic(0)

    package init() {}

    private struct Rare {
        var refusals: [HTTPRefusal: Int] = [:]
        var timeouts: [HTTPPhase: Int] = [:]
    }

    private let rare = Mutex(Rare())

    package func countAnswer(status: Int) {
        switch status / 100 {
        case 1: answered1.add(1, ordering: .relaxed)
        case 2: answered2.add(1, ordering: .relaxed)
        case 3: answered3.add(1, ordering: .relaxed)
        case 4: answered4.add(1, ordering: .relaxed)
        case 5: answered5.add(1, ordering: .relaxed)
        default: answered0.add(1, ordering: .relaxed)
        }
    }

    package func countRefusal(_ reason: HTTPRefusal) {
        rare.withLock { $0.refusals[reason, default: 0] += 1 }
    }

    package func countTimeout(_ phase: HTTPPhase) {
        rare.withLock { $0.timeouts[phase, default: 0] += 1 }
    }

    package var statistics: HTTPServerStatistics {
        var result = HTTPServerStatistics()
        result.connectionsAccepted = connectionsAccepted.load(ordering: .relaxed)
        result.connectionsRejected = connectionsRejected.load(ordering: .relaxed)
        result.bytesReceived = bytesReceived.load(ordering: .relaxed)
        result.bytesSent = bytesSent.load(ordering: .relaxed)
        result.slowEventClients = slowEventClients.load(ordering: .relaxed)
        result.brokenAnswers = brokenAnswers.load(ordering: .relaxed)
        result.requestsByStatusClass = [
            answered0.load(ordering: .relaxed), answered1.load(ordering: .relaxed),
            answered2.load(ordering: .relaxed), answered3.load(ordering: .relaxed),
            answered4.load(ordering: .relaxed), answered5.load(ordering: .relaxed),
        ]
        let rare = rare.withLock { $0 }
        result.refusals = rare.refusals
        result.timeouts = rare.timeouts
        return result
    }
}
