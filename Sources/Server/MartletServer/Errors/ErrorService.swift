import MartletCore
import MartletEvents
import MartletLogStore
import MartletLogging
import MartletOTLP
import MartletSearch
import MartletTraceStore
import Synchronization

/// Groups the errors of all services, from log records at error and above and from failed spans.
///
/// Log records are read from the store behind what was read last, so that none is counted twice and those that came while the
/// server was down after a crash are not missed. Groups survive a restart in a file. When errors come faster than they are
/// grouped, the oldest that wait are passed over, and counted.
final class ErrorService: Sendable {
    /// How many records are grouped in one go.
    static let batchMax = 20_000

    /// How many records may wait for being grouped before some are passed over.
    static let waitingMax: UInt64 = 2_000_000

    /// How often the groups are written to their file.
    private static let savingInterval: Int64 = 60_000

    private struct State {
        /// The number of the first record that was not looked at.
        var next: UInt64
        var savedAt: Int64
        var savedTotal: UInt64 = 0
        var passedOver: UInt64 = 0
    }

    let tracker: ErrorTracker
    private let path: String
    private let clock: any WallClock
    private let logger: Logger
    private let state: Mutex<State>

    /// Creates a service, with the groups of its file.
    init(path: String, clock: any WallClock, logger: Logger) {
        self.path = path
        self.clock = clock
        self.logger = logger
        tracker = ErrorTracker(clock: clock)
        let kept = ErrorFile.read(path)
        for group in kept.groups { tracker.restore(group) }
        // Without a file all that is stored is looked at, and the first groups are written at once.
        state = Mutex(State(next: kept.next ?? 0, savedAt: kept.next == nil ? 0 : clock.millisecondsSinceEpoch))
    }

    /// How many records were passed over because there were too many.
    var passedOver: UInt64 { state.withLock { $0.passedOver } }

    /// Looks at the records that came since the last time.
    func update(from logs: LogService) {
        do {
            try state.withLock { state in
                guard let store = try logs.storeToRead() else { return }
                let end = store.nextSequence
                // A store that was emptied begins with 0 again.
                var next = state.next <= end ? state.next : 0
                if end - next > Self.waitingMax {
                    state.passedOver += end - next - Self.waitingMax
                    next = end - Self.waitingMax
                }
                state.next = next < end ? try take(from: next, store) : end
            }
        } catch {
            logger.warn("errors cannot be grouped", ["error": .string("\(error)")])
        }
    }

    /// Takes failed spans: their exceptions, or their status where there is none.
    func take(_ failed: [FailedSpan]) {
        for entry in failed { tracker.record(Self.occurrence(entry)) }
    }

    /// Writes the groups to their file, where there are new ones and the last time is a while ago, or at once.
    func save(atOnce: Bool = false) {
        let now = clock.millisecondsSinceEpoch
        let total = tracker.total
        let next: UInt64? = state.withLock { state in
            guard state.savedTotal != total, atOnce || now - state.savedAt >= Self.savingInterval else { return nil }
            (state.savedAt, state.savedTotal) = (now, total)
            return state.next
        }
        guard let next else { return }
        do {
            try ErrorFile.write(path, next: next, groups: tracker.groups)
        } catch {
            logger.warn("the groups of errors are not kept", ["file": .string(path), "error": .string("\(error)")])
        }
    }

    // MARK: Log records

    private static let condition: SearchExpression? = try? SearchExpression(parsing: "level:>=error")

    /// Groups the records from a number on; the number to go on from.
    private func take(from first: UInt64, _ store: LogStore) throws -> UInt64 {
        guard let condition = Self.condition else { return first }
        var query = LogQuery(condition)
        query.limit = 1000
        query.countsAll = false
        query.arrivedFrom = first
        var taken = 0
        while true {
            let answer = try store.search(query)
            for record in answer.records { tracker.record(Self.occurrence(record)) }
            taken += answer.records.count
            guard answer.cursor != nil, let last = answer.records.last else { return answer.nextSequence }
            query.arrivedFrom = last.sequence + 1
            if taken >= Self.batchMax { return last.sequence + 1 }
        }
    }

    private static func occurrence(_ record: StoredLog) -> ErrorTracker.Occurrence {
        let entry = record.entry
        func own(_ names: String...) -> String? {
            for name in names {
                if let text = entry.attributes.first(where: { $0.key == name })?.value.text, !text.isEmpty {
                    return text
                }
            }
            return nil
        }
        let body = entry.body.text
        let type =
            own("exception.type", "error_type", "error.type")
            ?? (entry.eventName.isEmpty ? words(of: body) : entry.eventName)
        let component = own("component", "target", "logger", "log.logger") ?? record.scope.name
        return ErrorTracker.Occurrence(
            time: record.time / 1_000_000,
            type: type,
            message: own("exception.message", "error.message", "error") ?? body,
            service: record.service,
            component: component,
            release: own("version") ?? release(record.resource),
            context: entry.traceID.isValid
                ? SpanContext(traceID: entry.traceID, spanID: entry.spanID, flags: entry.flags & 1) : nil
        )
    }

    /// What errors without a type have in common: their words without what varies.
    private static func words(of body: String) -> String {
        let pattern = ErrorFingerprint.pattern(of: body)
        return pattern.utf8.count <= 128 ? pattern : String(pattern.prefix(128))
    }

    // MARK: Spans

    private static func occurrence(_ failed: FailedSpan) -> ErrorTracker.Occurrence {
        let span = failed.span
        let exception = span.events.last { $0.name == "exception" }
        func text(_ name: String) -> String? {
            let text = exception?.attributes.first { $0.key == name }?.value.text ?? ""
            return text.isEmpty ? nil : text
        }
        let message = text("exception.message") ?? span.status.message
        return ErrorTracker.Occurrence(
            time: Int64(clamping: span.end) / 1_000_000,
            type: text("exception.type") ?? "span failed",
            message: message,
            service: failed.resource.attributes.first { $0.key == "service.name" }?.value.text ?? "",
            component: span.name,
            release: release(failed.resource),
            context: SpanContext(traceID: span.traceID, spanID: span.spanID, flags: span.flags & 1)
        )
    }

    private static func release(_ resource: Resource) -> String {
        resource.attributes.first { $0.key == "service.version" }?.value.text ?? ""
    }
}
