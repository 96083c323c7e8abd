import Foundation
import MartletCore
import MartletPatterns
import MartletSeries
import Testing

@testable import MartletServer

@Suite("Unit tests of rules")
struct RuleTestsTests {
    private let notation = SeriesNotation(patterns: RE2Patterns())

    private func numbers(_ text: String) throws -> [String] {
        try notation.values(text).map { value in
            switch value {
            case .missing: "_"
            case .number(let number): StaleMarker.isStale(number) ? "stale" : FloatText.shortest(number)
            case .histogram(let histogram): "count \(FloatText.shortest(histogram.count))"
            }
        }
    }

    @Test(arguments: [
        ("1 2.5 -3", "1 2.5 -3"), ("0+1x3", "0 1 2 3"), ("10-2x2", "10 8 6"), ("5x2", "5 5 5"), ("_x2 1 _", "_ _ 1 _"),
        ("1 stale", "1 stale"), ("-1+-2x1", "-1 -3"), ("1e2+1e1x1", "100 110"), ("NaN Inf -Inf", "NaN +Inf -Inf"),
        ("0x10", "0 0 0 0 0 0 0 0 0 0 0"),
        ("{{count:2 sum:3 buckets:[2]}}+{{count:1 sum:1 buckets:[1]}}x2", "count 2 count 3 count 4"),
        ("{{count:4}}-{{count:1}}x1", "count 4 count 3"), (".5", "0.5"),
    ])
    func `values are read`(text: String, expected: String) throws {
        #expect(try numbers(text).joined(separator: " ") == expected)
    }

    @Test(arguments: ["x", "1+", "{{count:x}}", "{{what:1}}", "1x99999999999", "{{count:1", "{{count:1 count:2}}"])
    func `what is no value is refused`(text: String) {
        #expect(throws: SeriesNotation.Problem.self) { try notation.values(text) }
    }

    @Test(arguments: [
        ("up", "up"), ("up{job=\"a\"}", "up{job=\"a\"}"), ("{}", "{}"), ("up{}", "up"), ("up{a=\"b\",}", "up{a=\"b\"}"),
    ])
    func `labels are read`(text: String, expected: String) throws {
        #expect(try notation.labels(text).description == expected)
    }

    @Test func `labels with other operators are refused`() {
        #expect(throws: SeriesNotation.Problem.self) { try notation.labels("up{a!=\"b\"}") }
    }

    @Test func `a histogram's fields are read`() throws {
        let histogram = try notation.histogram(
            "{{schema:1 sum:-0.3 count:32.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}}"
        )
        #expect(histogram.schema == 1 && histogram.sum == -0.3 && histogram.count == 32.1)
        #expect(histogram.positiveSpans == [.init(offset: -3, length: 3)] && histogram.positiveBuckets == [5.1, 10, 7])
        #expect(histogram.negativeSpans == [.init(offset: -5, length: 2)] && histogram.resetHint == .gauge)
    }

    @Test func `a difference shows what was expected and what came`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try """
        groups:
          - name: g
            rules:
              - {record: double, expr: 2 * up}
              - {alert: Down, expr: up == 0, for: 2m, labels: {severity: page}, annotations: {text: "{{ $labels.job }} is down"}}
        """.write(to: folder.appending(path: "rules.yml"), atomically: true, encoding: .utf8)
        let file = folder.appending(path: "test.yml")
        try """
        rule_files: [rules.yml]
        evaluation_interval: 1m
        tests:
          - name: one
            input_series: [{series: 'up{job="a"}', values: '1 0x10'}]
            alert_rule_test:
              - {eval_time: 2m, alertname: Down}
              - {eval_time: 3m, alertname: Down, exp_alerts: [{exp_labels: {job: a, severity: page}, exp_annotations: {text: a is down}}]}
            promql_expr_test:
              - {expr: double, eval_time: 0, exp_samples: [{labels: 'double{job="a"}', value: 2}]}
              - {expr: double, eval_time: 5m, exp_samples: [{labels: 'double{job="a"}', value: 1}]}
        """.write(to: file, atomically: true, encoding: .utf8)
        let report = RuleTests.run(file: file.path)
        #expect(report.checks == 4 && !report.isSuccess)
        #expect(report.failures == ["one: double at 5m\n    - double{job=\"a\"} 1\n    + double{job=\"a\"} 0"])
        #expect(RuleTests.run(file: file.path, matching: "two").isSuccess)
    }

    @Test func `a file that is missing or wrong is a problem with its place`() throws {
        #expect(RuleTests.run(file: "/does/not/exist.yml").problems.count == 1)
    }
}

@Suite("Unit tests of rules of other projects")
struct RuleConformanceTests {
    private static let folder: URL = {
        let path = ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"] ?? "../shared/conformance"
        return URL(filePath: path).appending(path: "rules")
    }()

    private static let isThere = FileManager.default.fileExists(atPath: folder.appending(path: "expect.tsv").path)

    @Test(.enabled(if: isThere, "conformance data are not there; MARTLET_CONFORMANCE_DIR names them"))
    func `checks and unit tests have promtool's verdicts`() throws {
        let lines = try String(contentsOf: Self.folder.appending(path: "expect.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines.count >= 11)
        for line in lines {
            let file = Self.folder.appending(path: String(line[2])).path
            let isGood: Bool
            if line[1] == "test" {
                isGood = RuleTests.run(file: file).isSuccess
            } else {
                isGood = ConfigurationCheck.check(ruleFile: file).problems.allSatisfy(\.isWarning)
            }
            #expect(isGood == (line[0] == "0"), "\(line[1]) \(line[2])")
        }
    }
}
