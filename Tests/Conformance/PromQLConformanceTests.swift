import Foundation
import MartletCore
import PromQLScripts
import Testing

/// Upstream's own scripts, read from outside of the repository; skipped visibly where they are not there.
@Suite("PromQL conformance")
struct ConformanceTests {
    static var root: URL {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["MARTLET_CONFORMANCE_DIR"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/conformance")
    }

    static var scripts: URL {
        ProcessInfo.processInfo.environment["PROMQL_CONFORMANCE_DIR"].map { URL(filePath: $0) }
            ?? root.appending(path: "promql")
    }

    static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

    @Test(.enabled(if: exists(scripts), "no conformance scripts"))
    func `upstream scripts fail only where a gap is known`() throws {
        let tiers = try Self.tiers()
        var report = ""
        var counts: [String: (passed: Int, failed: Int, skipped: Int)] = [:]
        var failing: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.scripts.path).sorted()
        where file.hasSuffix(".test") {
            let text = String(decoding: try Data(contentsOf: Self.scripts.appending(path: file)), as: UTF8.self)
            for verdict in try ScriptRunner.verdicts(text) {
                let key = "\(file):\(verdict.line)"
                let tier = tiers[key] ?? "?"
                let (word, message): (String, String) =
                    switch verdict.outcome {
                    case .passed: ("pass", "")
                    case .failed(let message): ("fail", message)
                    case .skipped(let reason): ("skip", reason)
                    }
                var count = counts[tier] ?? (0, 0, 0)
                if word == "pass" { count.passed += 1 }
                if word == "fail" { count.failed += 1 }
                if word == "skip" { count.skipped += 1 }
                counts[tier] = count
                if word != "pass" { failing[key] = "\(verdict.query): \(message)" }
                let line = message.replacingOccurrences(of: "\n", with: " ").replacingOccurrences(of: "\t", with: " ")
                report += "\(file)\t\(verdict.line)\t\(word)\t\(line)\n"
            }
        }
        for (tier, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("tier \(tier): \(count.passed) passed, \(count.failed) failed, \(count.skipped) skipped")
        }
        let total = counts.values.reduce((0, 0, 0)) { ($0.0 + $1.passed, $0.1 + $1.failed, $0.2 + $1.skipped) }
        print("\(total.0) passed, \(total.1) failed, \(total.2) skipped")
        if let path = ProcessInfo.processInfo.environment["PROMQL_CONFORMANCE_REPORT"] {
            try report.write(toFile: path, atomically: true, encoding: .utf8)
        }
        for (key, message) in failing.sorted(by: { $0.key < $1.key }) where knownGaps[key] == nil {
            Issue.record("\(key) fails and is no known gap: \(message)")
        }
        for (key, reason) in knownGaps.sorted(by: { $0.key < $1.key }) where failing[key] == nil {
            Issue.record("\(key) passes now: take it off the known gaps (\(reason))")
        }
    }

    private static func tiers() throws -> [String: String] {
        let text = try String(contentsOf: scripts.appending(path: "cases.tsv"), encoding: .utf8)
        var result: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if fields.count >= 3 { result["\(fields[0]):\(fields[1])"] = fields[2] }
        }
        return result
    }

    @Test(.enabled(if: exists(root.appending(path: "promql-parser/cases.jsonl")), "no parser cases"))
    func `the parser accepts and refuses what upstream does`() throws {
        let data = try Data(contentsOf: Self.root.appending(path: "promql-parser/cases.jsonl"))
        var count = 0
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            // JSON has no form for a byte that is no UTF-8; the replacement character stands for it.
            let readable = line.replacingOccurrences(of: "\\udcff", with: "\\ufffd")
            let object = try JSONSerialization.jsonObject(with: Data(readable.utf8)) as? [String: Any]
            let input = try #require(object?["input"] as? String)
            let isWellFormed = try #require(object?["ok"] as? Bool)
            count += 1
            expectParse(input, isWellFormed)
        }
        print("\(count) parser cases")
    }

    @Test(.enabled(if: exists(root.appending(path: "promql-compliance/queries.tsv")), "no compliance queries"))
    func `the compliance queries are accepted and refused as upstream does`() throws {
        let file = Self.root.appending(path: "promql-compliance/queries.tsv")
        let source = Self.demo()
        var count = 0
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
            try #require(fields.count == 2)
            count += 1
            expectAnswer(fields[1], fields[0] == "ok", source)
        }
        print("\(count) compliance queries")
    }

    /// A query that upstream refuses may be refused by the parser or by the evaluation.
    private func expectAnswer(_ query: String, _ isFine: Bool, _ source: MemorySource) {
        do {
            let end = Int64(3_600_000)
            let result = try ScriptRunner.engine.range(query, from: 0, through: end, step: 60_000, from: source)
            if !isFine { Issue.record("answered \(query) with \(result.value)") }
        } catch {
            if isFine { Issue.record("refused \(query): \(error)") }
        }
    }

    /// An hour of the demo service's metrics of three instances.
    private static func demo() -> MemorySource {
        var source = MemorySource()
        let names = [
            "demo_num_cpus", "demo_memory_usage_bytes", "demo_cpu_usage_seconds_total", "demo_disk_usage_bytes",
            "demo_api_request_duration_seconds_bucket", "demo_intermittent_metric", "demo_items_shipped_total",
        ]
        for (index, name) in names.enumerated() {
            for instance in ["demo:1", "demo:2", "demo:3"] {
                for le in name.hasSuffix("_bucket") ? ["0.1", "1", "+Inf"] : [""] {
                    let labels = LabelSet([
                        Label("__name__", name), Label("instance", instance), Label("job", "demo"), Label("le", le),
                    ])
                    for time in 0..<720 {
                        source.add(labels, Int64(time) * 5000, Double(time * (index + le.count + 1)))
                    }
                }
            }
        }
        return source
    }

    private func expectParse(_ input: String, _ isWellFormed: Bool) {
        do {
            let tree = try ScriptRunner.engine.parse(input)
            if !isWellFormed { Issue.record("accepted \(input) as \(tree)") }
        } catch {
            if isWellFormed { Issue.record("refused \(input): \(error)") }
        }
    }
}
