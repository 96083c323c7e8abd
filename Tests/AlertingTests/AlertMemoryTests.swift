import MartletCore
import MartletLogging
import MartletPatterns
import MartletSeries
import Synchronization
import Testing

@testable import MartletAlerting

/// Remembers what an earlier run left.
private final class RememberingQuery: RuleQuerying {
    let left: [(labels: LabelSet, sample: Sample)]
    let answers = Mutex<[RuleSample]>([])

    init(_ left: [(labels: LabelSet, sample: Sample)]) { self.left = left }

    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample] {
        answers.withLock { $0 }
    }

    func newest(
        _ labels: LabelSet,
        through time: Int64,
        notOlderThan age: Int64
    ) throws(RuleQueryError) -> [(labels: LabelSet, sample: Sample)] {
        left.filter { $0.sample.timestamp <= time && $0.sample.timestamp >= time - age }
    }

    func metricNames(in expression: String) -> Set<String>? { Set(expression.split(separator: " ").map(String.init)) }
}

@Suite("Alerts over a restart")
struct AlertMemoryTests {
    private static let minute: Int64 = 60_000
    private let series: LabelSet = ["__name__": "ALERTS_FOR_STATE", "alertname": "Down", "job": "a"]

    private func state(hold: Duration) -> RuleGroupState {
        RuleGroupState(
            RuleGroup(name: "g", rules: [.alerting(AlertingRule(name: "Down", expression: "up", holdDuration: hold))])
        )
    }

    /// The alert after one evaluation at 100 minutes, having been there since 80 minutes and last seen at 90.
    private func alert(hold: Duration, since: Double = 4800, lastSeen: Int64 = 90 * minute) throws -> ActiveAlert {
        let query = RememberingQuery([(series, Sample(timestamp: lastSeen, value: since))])
        query.answers.withLock { $0 = [RuleSample(labels: ["job": "a"], value: 0)] }
        let evaluator = RuleEvaluator(query: query, sink: MemorySink(), patterns: RE2Patterns())
        var state = state(hold: hold)
        _ = evaluator.evaluate(&state, at: 100 * Self.minute)
        return try #require(state.rules[0].activeAlerts.first)
    }

    @Test func `an alert that fired goes on firing`() throws {
        let alert = try alert(hold: .seconds(300))
        #expect(alert.state == .firing && alert.activeAt == 80 * Self.minute)
    }

    @Test func `an alert that waited goes on waiting without the time away`() throws {
        let alert = try alert(hold: .seconds(3600))
        #expect(alert.state == .pending && alert.activeAt == 90 * Self.minute)
    }

    @Test func `an alert about to fire waits ten minutes more`() throws {
        let alert = try alert(hold: .seconds(15 * 60))
        #expect(alert.state == .pending && alert.activeAt == 95 * Self.minute)
    }

    @Test func `an alert without a waiting time, or one too long ago, begins anew`() throws {
        #expect(try alert(hold: .zero).activeAt == 100 * Self.minute)
        #expect(try alert(hold: .seconds(3600), lastSeen: 39 * Self.minute).activeAt == 100 * Self.minute)
        #expect(try alert(hold: .seconds(3600), since: .nan).activeAt == 100 * Self.minute)
    }

    @Test func `rules are evaluated together up to one that reads what they write`() {
        let rules: [Rule] = [
            .recording(RecordingRule(record: "a", expression: "x")),
            .recording(RecordingRule(record: "b", expression: "y")),
            .recording(RecordingRule(record: "c", expression: "a b")),
            .alerting(AlertingRule(name: "d", expression: "x")),
            .recording(RecordingRule(record: "e", expression: "ALERTS")),
        ]
        let states = rules.map { RuleState($0, groupLabels: [:]) }
        #expect(
            RuleStages.runs(of: states) { Set($0.split(separator: " ").map(String.init)) } == [0..<2, 2..<4, 4..<5]
        )
        #expect(RuleStages.runs(of: states) { _ in nil } == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5])
        #expect(RuleStages.runs(of: []) { _ in nil }.isEmpty)
    }

    @Test func `a recording rule stores native histograms`() throws {
        let query = RememberingQuery([])
        let histogram = NativeHistogram(schema: 0, count: 2, sum: 3)
        query.answers.withLock { $0 = [RuleSample(labels: ["job": "a"], value: 3, histogram: histogram)] }
        let sink = MemorySink()
        let evaluator = RuleEvaluator(query: query, sink: sink, patterns: RE2Patterns())
        var state = RuleGroupState(
            RuleGroup(name: "g", rules: [.recording(RecordingRule(record: "r", expression: "x"))])
        )
        _ = evaluator.evaluate(&state, at: 1000)
        #expect(sink.samples.withLock { $0.map(\.histogram) } == [histogram])
        #expect(state.durations.count == 1 && state.ruleDurations.count == 1 && state.lastSamples == 1)
    }
}
