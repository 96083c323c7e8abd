import Synchronization

/// What a registry tells of its problems.
final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    var texts: [String] { lines.withLock { $0 } }

    func add(_ text: String) {
        lines.withLock { $0.append(text) }
    }
}
