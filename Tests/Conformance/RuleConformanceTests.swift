import Foundation
import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import Testing

/// Upstream's rule files and template cases.
@Suite("Rule and template conformance")
struct RuleConformanceTests {
    @Test(.enabled(if: Conformance.exists("rules/expect.tsv"), "MARTLET_CONFORMANCE_DIR has no rules/expect.tsv"))
    func `gives upstream's verdicts on rule files`() throws {
        let engine = QueryEngine(patterns: RE2Patterns(), options: .init(features: .all))
        var checked = 0
        for line in try Conformance.contents("rules/expect.tsv").split(separator: "\n") {
            let fields = line.split(separator: "\t")
            guard fields.count == 3, fields[1] == "check" else { continue }
            checked += 1
            let loader = RuleFileLoader(patterns: RE2Patterns()) { expression in
                do throws(PromQLError) {
                    _ = try engine.parse(expression)
                    return nil
                } catch {
                    return error.description
                }
            }
            let path = "\(Conformance.directory)/rules/\(fields[2])"
            let isGood = (try? loader.load(paths: [path])) != nil
            #expect(isGood == (fields[0] == "0"), "\(fields[2])")
        }
        #expect(checked > 0)
    }

    private struct Case: Decodable {
        let input: String
        let output: String?
        let ok: Bool
    }

    @Test(.enabled(if: Conformance.exists("templates/cases.jsonl"), "MARTLET_CONFORMANCE_DIR has no templates"))
    func `expands upstream's templates`() throws {
        var context = TemplateContext(
            time: 1_435_065_584_128,
            externalURL: "http://testhost:9090/path/prefix",
            patterns: RE2Patterns()
        ) { expression throws(RuleQueryError) in
            guard expression != "bad" else { throw RuleQueryError("1:1: parse error: bad") }
            return [
                RuleSample(labels: ["__name__": "metric", "instance": "b", "__value__": "text"], value: 21),
                RuleSample(labels: ["__name__": "metric", "instance": "a"], value: 11),
            ]
        }
        context.setAlert(
            labels: ["instance": "db-1.example.com:9100", "job": "node"],
            value: 0.975,
            externalLabels: ["region": "eu"]
        )
        let lines = try Conformance.contents("templates/cases.jsonl").split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let expected = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
            let result = try? Template(expected.input, name: "test").expand(context)
            #expect(result == (expected.ok ? expected.output : nil), "\(expected.input)")
        }
    }
}
