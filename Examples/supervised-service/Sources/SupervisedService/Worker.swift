import Martlet
import MartletPacks

/// A leaf of the tree: works through its mailbox until it is told to fail.
actor Worker: SupervisedActor {
    enum Order: Sendable {
        case work, fail, sicken
    }

    struct Killed: Error, CustomStringConvertible {
        let description = "killed over HTTP"
    }

    private let name: String
    private let executor: MeteredActorExecutor
    private let mailbox: MeteredMailbox<Order>
    private var status = HealthStatus.healthy
    private var handled = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ name: String, _ executor: MeteredActorExecutor, _ mailbox: MeteredMailbox<Order>) {
        self.name = name
        self.executor = executor
        self.mailbox = mailbox
    }

    func run() async throws {
        while !Task.isCancelled {
            guard let order = mailbox.take() else {
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            switch order {
            case .work: handled += 1
            case .fail: throw Killed()
            case .sicken: status = .unhealthy
            }
        }
    }

    func healthStatus() -> HealthStatus { status }
}
