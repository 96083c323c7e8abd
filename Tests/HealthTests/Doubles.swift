import MartletCore
import MartletHealth
import MartletLogging
import MartletTestKit
import Synchronization

/// A check whose next results are set by the test.
final class ScriptedCheck: HealthCheck {
    let name: String
    let isCritical: Bool
    let statusThreshold: Int?
    private let script: Mutex<[HealthResult]>
    private let count = Atomic(0)

    init(_ name: String, isCritical: Bool = false, statusThreshold: Int? = nil, _ script: [HealthResult] = []) {
        self.name = name
        self.isCritical = isCritical
        self.statusThreshold = statusThreshold
        self.script = Mutex(script)
    }

    /// How often the check ran.
    var runs: Int { count.load(ordering: .acquiring) }

    func set(_ results: HealthResult...) { script.withLock { $0 = results } }

    /// The next result; the last one stays.
    func check() -> HealthResult {
        count.add(1, ordering: .acquiringAndReleasing)
        return script.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .healthy("fine") }
    }
}

/// Keeps what a monitor tells.
final class EventList: HealthObserver {
    private let list = Mutex<[HealthEvent]>([])

    var all: [HealthEvent] { list.withLock(\.self) }

    /// The checks whose threshold was exceeded, in order.
    var exceeded: [String] {
        all.compactMap { if case .thresholdExceeded(let record) = $0 { record.name } else { nil } }
    }

    func observe(_ event: HealthEvent) { list.withLock { $0.append(event) } }
}

/// Keeps log records.
final class RecordList: LogSink {
    private let list = Mutex<[LogRecord]>([])

    var all: [LogRecord] { list.withLock(\.self) }

    func write(_ record: LogRecord) { list.withLock { $0.append(record) } }

    /// The records as `level message key=value …`, without those keys.
    func lines(without hidden: Set<String> = []) -> [String] {
        all.map { record in
            let fields = record.fields.filter { !hidden.contains($0.name) }.map {
                "\($0.name)=\(text($0.value))"
            }
            return ([record.level.name, record.message] + fields).joined(separator: " ")
        }
    }

    private func text(_ value: LogValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .null: "null"
        case .fields(let fields): "\(fields.count) fields"
        }
    }
}

struct Trouble: Error, CustomStringConvertible {
    var description = "connection refused"
}

/// Waits, in real time, until something holds; false after a minute.
func eventually(_ holds: () async -> Bool) async -> Bool {
    let start = ContinuousClock.now
    while await !holds() {
        if ContinuousClock.now - start > .seconds(60) { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}
