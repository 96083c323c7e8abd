import MartletCore
import MartletLogging
import MartletPatterns
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletAlerting

@Suite("Rule evaluation")
struct RuleEvaluatorTests {
    private let query = TableQuery()
    private let sink = MemorySink()
    private let log = MemoryLog()

    private func evaluator() -> RuleEvaluator {
        RuleEvaluator(
            query: query,
            sink: sink,
            patterns: RE2Patterns(),
            externalLabels: ["region": "eu", "instance": "server"],
            externalURL: "http://martlet:9090",
            clock: ManualClock(),
            log: Logger("rules", sink: log)
        )
    }

    @Test func `stores the states of alerts and marks them stale when they end`() {
        query.set("up == 0", [(["__name__": "up", "instance": "a"], 0)])
        var state = RuleGroupState(
            RuleGroup(
                name: "g",
                rules: [.alerting(AlertingRule(name: "Down", expression: "up == 0", holdDuration: .seconds(60)))]
            )
        )
        var outcome = evaluator().evaluate(&state, at: 1_500)
        #expect(outcome.alerts.isEmpty && outcome.samplesAppended == 2)
        #expect(
            sink.take() == [
                "ALERTS{alertname=\"Down\", alertstate=\"pending\", instance=\"a\"} 1 @1500",
                "ALERTS_FOR_STATE{alertname=\"Down\", instance=\"a\"} 1 @1500",
            ]
        )
        outcome = evaluator().evaluate(&state, at: 61_500)
        #expect(outcome.alerts.count == 1)
        #expect(
            sink.take() == [
                "ALERTS{alertname=\"Down\", alertstate=\"firing\", instance=\"a\"} 1 @61500",
                "ALERTS_FOR_STATE{alertname=\"Down\", instance=\"a\"} 1 @61500",
                "ALERTS{alertname=\"Down\", alertstate=\"pending\", instance=\"a\"} stale @61500",
            ]
        )
        query.set("up == 0", [])
        outcome = evaluator().evaluate(&state, at: 121_500)
        #expect(
            sink.take() == [
                "ALERTS{alertname=\"Down\", alertstate=\"firing\", instance=\"a\"} stale @121500",
                "ALERTS_FOR_STATE{alertname=\"Down\", instance=\"a\"} stale @121500",
            ]
        )
        #expect(outcome.alerts.map(\.endsAt) == [121_500])
    }

    @Test func `fills labels and annotations in`() throws {
        query.set("cpu > 0.9", [(["__name__": "cpu", "instance": "db:9100", "job": "node", "zone": "x"], 0.975)])
        let rule = AlertingRule(
            name: "Hot",
            expression: "cpu > 0.9",
            labels: ["severity": "{{ if gt $value 0.95 }}page{{ else }}ticket{{ end }}", "zone": "", "team": "own"],
            annotations: [
                "summary": "{{ $labels.instance }} at {{ humanizePercentage $value }}", "bad": "{{ humanize \"x\" }}",
                "runbook": "https://runbooks/hot",
            ]
        )
        let group = RuleGroup(name: "g", labels: ["team": "group", "source": "martlet"], rules: [.alerting(rule)])
        var state = RuleGroupState(group)
        let alert = try #require(evaluator().evaluate(&state, at: 0).alerts.first)
        #expect(
            alert.labels == [
                "alertname": "Hot", "instance": "db:9100", "job": "node", "severity": "page", "team": "own",
                "source": "martlet", "region": "eu",
            ]
        )
        #expect(alert.annotations["summary"] == "db:9100 at 97.5%")
        #expect(alert.annotations["runbook"] == "https://runbooks/hot")
        #expect(
            alert.annotations["bad"]
                == "<error expanding template: template: __alert_Hot:1:4: error calling humanize: strconv.ParseFloat: "
                + "parsing \"x\": invalid syntax>"
        )
        #expect(alert.generatorURL == "http://martlet:9090/graph?g0.expr=cpu+%3E+0.9&g0.tab=1")
        #expect(alert.startsAt == 0 && alert.endsAt == 240_000)
        #expect(state.rules[0].health == .ok)
        #expect(log.lines.contains { $0.hasPrefix("warn Expanding alert template failed rule=Hot") })
    }

    @Test func `puts the error of a template that does not parse into the annotation`() throws {
        query.set("up", [(["instance": "a"], 1)])
        var state = RuleGroupState(
            RuleGroup(
                name: "g",
                rules: [.alerting(AlertingRule(name: "A", expression: "up", annotations: ["x": "{{ $label }}"]))]
            )
        )
        let alert = try #require(evaluator().evaluate(&state, at: 0).alerts.first)
        #expect(
            alert.annotations["x"]
                == "<error expanding template: template: __alert_A:1:4: undefined variable \"$label\" (did you mean \"$labels\"?)>"
        )
    }

    @Test func `asks templates' queries at the time of the evaluation`() throws {
        query.set("up", [(["instance": "a"], 1)])
        query.set("count(up)", [([:], 42)])
        let rule = AlertingRule(
            name: "A",
            expression: "up",
            annotations: ["n": "{{ query \"count(up)\" | first | value }}"]
        )
        var state = RuleGroupState(RuleGroup(name: "g", queryOffset: .seconds(30), rules: [.alerting(rule)]))
        let alert = try #require(evaluator().evaluate(&state, at: 100_000).alerts.first)
        #expect(alert.annotations["n"] == "42")
        #expect(query.asked.withLock { $0.map(\.time) } == [70_000, 100_000])
        #expect(sink.take().allSatisfy { $0.hasSuffix("@70000") })
    }

    @Test func `stores recorded series and marks vanished ones stale`() {
        query.set("sum by (job) (up)", [(["__name__": "x", "job": "a"], 3), (["job": "b"], 2)])
        let rule = RecordingRule(record: "job:up:sum", expression: "sum by (job) (up)", labels: ["kind": "sum"])
        var state = RuleGroupState(RuleGroup(name: "g", rules: [.recording(rule)]))
        _ = evaluator().evaluate(&state, at: 10)
        #expect(
            sink.take() == [
                "job:up:sum{job=\"a\", kind=\"sum\"} 3 @10", "job:up:sum{job=\"b\", kind=\"sum\"} 2 @10",
            ]
        )
        query.set("sum by (job) (up)", [(["job": "b"], 1)])
        _ = evaluator().evaluate(&state, at: 20)
        #expect(
            sink.take() == [
                "job:up:sum{job=\"b\", kind=\"sum\"} 1 @20", "job:up:sum{job=\"a\", kind=\"sum\"} stale @20",
            ]
        )
        evaluator().abandon(state, at: 30)
        #expect(sink.take() == ["job:up:sum{job=\"b\", kind=\"sum\"} stale @30"])
    }

    @Test func `goes on after a rule that fails`() {
        query.fail("bad", "1:1: parse error: bad")
        query.set("good", [([:], 1)])
        query.set("twice", [(["a": "1"], 1), (["a": "2"], 2)])
        let rules: [Rule] = [
            .recording(RecordingRule(record: "bad", expression: "bad")),
            .recording(RecordingRule(record: "twice", expression: "twice", labels: ["a": "same"])),
            .alerting(AlertingRule(name: "Same", expression: "twice", labels: ["a": "same"])),
            .recording(RecordingRule(record: "good", expression: "good")),
            .recording(RecordingRule(record: "many", expression: "twice")),
        ]
        var state = RuleGroupState(RuleGroup(name: "g", limit: 1, rules: rules))
        let outcome = evaluator().evaluate(&state, at: 0)
        #expect(outcome.failures == 4)
        #expect(sink.take() == ["good 1 @0"])
        #expect(state.rules.map(\.health) == [.error, .error, .error, .ok, .error])
        #expect(
            state.rules.map(\.lastError) == [
                "1:1: parse error: bad", "vector contains metrics with the same labelset after applying rule labels",
                "vector contains metrics with the same labelset after applying alert labels", nil,
                "exceeded limit of 1 with 2 series",
            ]
        )
        #expect(state.rules.map(\.failures) == [1, 1, 1, 0, 1])
        #expect(log.lines.contains("warn Rule evaluation failed rule=bad group=g file= error=1:1: parse error: bad"))
    }

    @Test func `hands alerts on though the store is full`() {
        query.set("up", [(["instance": "a"], 1)])
        sink.failure.withLock { $0 = .storageUnavailable("disk full") }
        var state = RuleGroupState(RuleGroup(name: "g", rules: [.alerting(AlertingRule(name: "A", expression: "up"))]))
        let outcome = evaluator().evaluate(&state, at: 0)
        #expect(outcome.alerts.count == 1)
        #expect(state.rules[0].health == .error)
        #expect(state.rules[0].lastError == "cannot store the rule's result: disk full")
    }

    @Test func `counts samples that the store refuses`() {
        query.set("x", [([:], 1)])
        sink.rejected.withLock { $0 = ["late"] }
        var state = RuleGroupState(
            RuleGroup(name: "g", rules: [.recording(RecordingRule(record: "late", expression: "x"))])
        )
        let outcome = evaluator().evaluate(&state, at: 0)
        #expect(outcome.samplesRejected == 1)
        #expect(state.rules[0].health == .ok)
        #expect(log.lines == ["warn Samples of a rule were rejected rule=late group=g rejected=1 reason=out_of_order"])
    }

    @Test func `names label sets as Prometheus does`() {
        // FNV-1a, 64 bits, over each name and value followed by 0xff.
        #expect(Fingerprint(.empty).description == "cbf29ce484222325")
        #expect(Fingerprint(["alertname": "Down"]).description == "6accfd3d0992a914")
        #expect(
            Fingerprint(["severity": "page", "alertname": "Down", "instance": "a"]).description == "e3d9e5095d9ddec8"
        )
    }
}
