import MartletAlerting
import MartletPatterns
import MartletTestKit
import Testing

@Suite("Rules in the HTTP API")
struct RulesDocumentTests {
    @Test func `shows rules and alerts as Prometheus does`() {
        let query = TableQuery()
        query.set("up == 0", [(["__name__": "up", "instance": "a"], 0)])
        query.fail("bad", "no such thing")
        let evaluator = RuleEvaluator(query: query, sink: MemorySink(), patterns: RE2Patterns(), clock: ManualClock())
        let down = AlertingRule(
            name: "Down",
            expression: "up == 0",
            holdDuration: .milliseconds(1500),
            labels: ["severity": "page"],
            annotations: ["summary": "{{ $labels.instance }}"]
        )
        let group = RuleGroup(
            name: "g",
            file: "f.yml",
            interval: .seconds(15),
            rules: [.alerting(down), .recording(RecordingRule(record: "r", expression: "bad"))]
        )
        var state = RuleGroupState(group)
        #expect(
            RulesDocument.rules([state], kind: .record).contains(
                #""health":"unknown","evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z""#
            )
        )
        _ = evaluator.evaluate(&state, at: 1_600_000_000_500)
        let alert =
            #"{"labels":{"alertname":"Down","instance":"a","severity":"page"},"annotations":{"summary":"a"},"#
            + #""state":"pending","activeAt":"2020-09-13T12:26:40.5Z","value":"0e+00"}"#
        #expect(
            RulesDocument.rules([state])
                == #"{"groups":[{"name":"g","file":"f.yml","rules":["#
                + #"{"state":"pending","duration":1.5,"keepFiringFor":0,"annotations":{"summary":"{{ $labels.instance }}"},"#
                + #""alerts":[\#(alert)],"name":"Down","query":"up == 0","labels":{"severity":"page"},"health":"ok","#
                + #""evaluationTime":0,"lastEvaluation":"2020-09-13T12:26:40.5Z","type":"alerting"},"#
                + #"{"name":"r","query":"bad","labels":{},"health":"err","lastError":"no such thing","#
                + #""evaluationTime":0,"lastEvaluation":"2020-09-13T12:26:40.5Z","type":"recording"}],"#
                + #""interval":15,"limit":0,"evaluationTime":0,"lastEvaluation":"2020-09-13T12:26:40.5Z"}]}"#
        )
        #expect(RulesDocument.alerts(Array(state.rules[0].machine.alerts.values)) == "{\"alerts\":[\(alert)]}")
        #expect(RulesDocument.rules([state], kind: .alert, showsAlerts: false).contains(#""alerts":[]"#))
        #expect(
            RulesDocument.rules([RuleGroupState(RuleGroup(name: "e", rules: []))], kind: .alert) == #"{"groups":[]}"#
        )
    }
}
