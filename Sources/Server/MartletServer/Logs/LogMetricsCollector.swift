import MartletConfiguration
import MartletCore
import MartletLogStore
import MartletMetrics
import MartletSearch
import Synchronization

/// Counts the log records that the configuration's rules name, each once, as they arrive.
final class LogMetricsCollector: MetricCollector {
    /// How many series a rule may have; what is over is counted without labels.
    static let seriesMax = 1000

    private struct Rule: Sendable {
        let metric: LogMetric
        let search: SearchExpression
        let labels: [String]
        var counts: [[String]: Double] = [:]
        var dropped = 0.0

        /// The number of the first record that was not looked at.
        var next: UInt64 = 0
    }

    private struct State: Sendable {
        var rules: [Rule]
        var isStarted = false
    }

    let name = "log_metrics"
    private let logs: LogService
    private let state: Mutex<State>

    init(_ metrics: [LogMetric], logs: LogService) {
        self.logs = logs
        let rules = metrics.compactMap { metric -> Rule? in
            // The configuration was checked when it was read.
            guard var search = try? SearchExpression(parsing: metric.query) else { return nil }
            search.stage = .count(by: metric.fields.map { LogParameters.field($0) })
            return Rule(metric: metric, search: search, labels: metric.fields.map(Self.label))
        }
        state = Mutex(State(rules: rules))
    }

    func collect() throws -> [MetricFamily] {
        try state.withLock { state in
            guard !state.rules.isEmpty else { return [] }
            let store = try logs.storeToRead()
            let end = store?.nextSequence ?? 0
            for place in state.rules.indices {
                // What was there before the server is not counted; what came before the first look is.
                let first = min(state.isStarted ? state.rules[place].next : logs.firstSequence, end)
                state.rules[place].next = first
                if let store, end > first { try Self.count(&state.rules[place], store) }
            }
            state.isStarted = true
            return state.rules.map(Self.family)
        }
    }

    private static func count(_ rule: inout Rule, _ store: LogStore) throws {
        var query = LogQuery(rule.search)
        query.arrivedFrom = rule.next
        query.groupsMax = seriesMax
        let answer = try store.search(query)
        rule.next = answer.nextSequence
        guard !rule.labels.isEmpty else {
            rule.counts[[], default: 0] += Double(answer.matched)
            return
        }
        for row in answer.table?.rows ?? [] {
            let (key, count) = (Array(row.dropLast()), Double(row.last ?? "") ?? 0)
            if rule.counts[key] == nil, rule.counts.count >= seriesMax {
                rule.dropped += count
            } else {
                rule.counts[key, default: 0] += count
            }
        }
    }

    private static func family(_ rule: Rule) -> MetricFamily {
        var series = rule.counts.map { key, count -> (LabelSet, Double) in
            (LabelSet(zip(rule.labels, key).filter { !$0.1.isEmpty }.map { Label($0.0, $0.1) }), count)
        }
        if rule.dropped > 0 { series.append((["overflow": "true"], rule.dropped)) }
        if series.isEmpty, rule.labels.isEmpty { series = [(.empty, 0)] }
        return .counter(
            rule.metric.name,
            rule.metric.help.isEmpty ? "Log records that meet \(rule.metric.query)." : rule.metric.help,
            series
        )
    }

    /// A field's name as a label's.
    private static func label(_ field: String) -> String {
        let name = String(field.drop { $0 == "@" }.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber == true ? "_" + name : name
    }
}
