import MartletAlerting
import MartletCore
import MartletLogging
import MartletSeries
import Synchronization

/// Answers expressions from a table that a test changes.
final class TableQuery: RuleQuerying {
    private let answers = Mutex<[String: Result<[RuleSample], RuleQueryError>]>([:])
    let asked = Mutex<[(expression: String, time: Int64)]>([])

    func set(_ expression: String, _ samples: [(LabelSet, Double)]) {
        answers.withLock { $0[expression] = .success(samples.map { RuleSample(labels: $0, value: $1) }) }
    }

    func fail(_ expression: String, _ message: String) {
        answers.withLock { $0[expression] = .failure(RuleQueryError(message)) }
    }

    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample] {
        asked.withLock { $0.append((expression, time)) }
        guard let answer = answers.withLock({ $0[expression] }) else { return [] }
        return try answer.get()
    }
}

/// Keeps what is stored, or refuses it.
final class MemorySink: SampleSink {
    let samples = Mutex<[IncomingSample]>([])
    let failure = Mutex<SeriesError?>(nil)
    let rejected = Mutex<Set<String>>([])

    func append(_ batch: [IncomingSample]) throws(SeriesError) -> AppendResult {
        if let failure = failure.withLock({ $0 }) { throw failure }
        let refused = rejected.withLock { $0 }
        var result = AppendResult(appended: 0)
        for (index, sample) in batch.enumerated() {
            if refused.contains(sample.labels.metricName ?? "") {
                result.rejections.append(.init(index: index, reason: .outOfOrder))
            } else {
                samples.withLock { $0.append(sample) }
                result.appended += 1
            }
        }
        return result
    }

    /// What was stored since the last call, one line a sample.
    func take() -> [String] {
        samples.withLock { stored in
            defer { stored = [] }
            return stored.map { sample in
                let value = StaleMarker.isStale(sample.value) ? "stale" : FloatText.shortest(sample.value)
                return "\(sample.labels) \(value) @\(sample.timestamp)"
            }
        }
    }
}

/// Keeps the alerts that are handed on.
final class MemoryReceiver: AlertReceiving {
    let alerts = Mutex<[Alert]>([])

    func receive(_ alerts: [Alert]) async { self.alerts.withLock { $0 += alerts } }

    func take() -> [Alert] {
        alerts.withLock { stored in
            defer { stored = [] }
            return stored
        }
    }
}

/// Keeps log lines.
final class MemoryLog: LogSink {
    private let records = Mutex<[LogRecord]>([])

    func write(_ record: LogRecord) { records.withLock { $0.append(record) } }

    var lines: [String] {
        records.withLock { stored in
            stored.map { record in
                "\(record.level.name) \(record.message)"
                    + record.fields.map { " \($0.name)=\(Self.text($0.value))" }.joined()
            }
        }
    }

    private static func text(_ value: LogValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): FloatText.shortest(number)
        case .bool(let flag): String(flag)
        case .null: "null"
        case .fields(let fields): "\(fields.count) fields"
        }
    }
}
