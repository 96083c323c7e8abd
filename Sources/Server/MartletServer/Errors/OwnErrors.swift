import MartletCore
import MartletLogging
import Synchronization

/// Takes what the server itself tells at error: counts it by kind, and groups it with the errors of services.
final class OwnErrors: LogSink {
    /// The service that the server's own errors are of.
    static let service = "martlet"

    private let tracker: ErrorTracker
    private let counted = Mutex<[String: UInt64]>(["setup": 0, "storage": 0, "other": 0])

    init(_ tracker: ErrorTracker) {
        self.tracker = tracker
    }

    /// How many errors there were of each kind; those of channels and rules are counted where they are tried again.
    var counts: [String: UInt64] { counted.withLock { $0 } }

    func write(_ record: LogRecord) {
        guard record.level >= .error else { return }
        if let kind = Self.kind(of: record.target) { counted.withLock { $0[kind, default: 0] += 1 } }
        var said = record.message
        for name in ["error", "problem"] {
            if case .string(let text)? = record.fields[name] { said = text }
        }
        tracker.record(
            ErrorTracker.Occurrence(
                time: record.nanosecondsSinceEpoch / 1_000_000,
                type: record.message,
                message: said,
                service: Self.service,
                component: record.target,
                release: Version.current,
                context: record.context
            )
        )
    }

    private static func kind(of target: String) -> String? {
        switch target {
        case "server", "configuration": "setup"
        case "store", "traces", "logs", "audit": "storage"
        case "alerts", "notify", "rules": nil
        default: "other"
        }
    }
}
