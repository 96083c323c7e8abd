import Foundation
import MartletCore
import MartletExposition
import MartletMetrics
import Testing

@Suite("promtool")
struct PromtoolTests {
    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        .map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: path != nil, "promtool is not installed"))
    func `finds nothing wrong with what is written`() throws {
        let registry = MetricRegistry(constantLabels: ["zone": "a\"\\\nü"])
        Counter("jobs_total", help: "Jobs \\ done\nso far.", registry: registry).increment(by: 3)
        Gauge.Family("queue_length", help: "Length.", labels: "queue", registry: registry)["in\"\\\n"].set(
            to: -.infinity
        )
        Histogram("wait_seconds", help: "Wait.", unit: "seconds", registry: registry).observe(0.2)
        let summary = SummaryValue(quantiles: [.init(share: 0.5, value: 1)], sum: 3, count: 2)
        var families = registry.gather()
        families.append(
            MetricFamily(
                "size_bytes",
                metadata: MetricMetadata(type: .summary, help: "Size."),
                series: [MetricSeries(value: .summary(summary))]
            )
        )
        let (status, output) = try run(ExpositionRenderer(.text).render(families))
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test(.enabled(if: path != nil, "promtool is not installed"))
    func `finds what the strict check finds`() throws {
        let bad = Array("# TYPE a counter\na{x=\"1\" 2\n".utf8)
        #expect(try run(bad).status != 0)
        #expect(!ExpositionLint.check(bad, format: .text).isEmpty)
    }

    /// Thousands of small pages, put together from what the conventions are about.
    @Test(.enabled(if: path != nil, "promtool is not installed"))
    func `agrees with the strict check on which names breach the conventions`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("naming conventions: seed \(seed)")
        var random = SplitMix(state: seed)
        let parts = [
            "http", "request", "total", "count", "sum", "bucket", "counter", "gauge", "histogram", "summary", "ms", "s",
            "b", "kb", "m", "d", "queueSize", "info", "job:rate", "untyped", "sec", "Xs",
        ]
        // One a name at most: of several, promtool looks at whichever comes first in no order.
        let units = [
            "seconds", "bytes", "milliseconds", "minutes", "fahrenheit", "kilobytes", "meters", "celsius", "hours",
            "kibibytes", "decameters", "weeks", "kelvins", "pounds", "megabits", "microvolts",
        ]
        var names: [String] = []
        var page = ""
        for number in 0..<3000 {
            var words = (0..<Int.random(in: 1...3, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }
            if Bool.random(using: &random), let unit = units.randomElement(using: &random) {
                words.insert(unit, at: Int.random(in: 0...words.count, using: &random))
            }
            let name = "n\(number)_" + words.joined(separator: "_")
            let type = ["counter", "gauge", "untyped", ""].randomElement(using: &random) ?? ""
            let label = ["", "", "le", "quantile", "myLabel", "path"].randomElement(using: &random) ?? ""
            if Bool.random(using: &random) { page += "# HELP \(name) Help.\n" }
            if !type.isEmpty { page += "# TYPE \(name) \(type)\n" }
            page += label.isEmpty ? "\(name) 1\n" : "\(name){\(label)=\"1\"} 1\n"
            names.append(name)
        }
        // promtool prints `name problem`, one a line.
        let (status, output) = try run(Array(page.utf8))
        #expect(status == 3)
        var theirs: [String: Int] = [:]
        for line in output.split(separator: "\n") {
            theirs[String(line.prefix { $0 != " " }), default: 0] += 1
        }
        var ours: [String: Int] = [:]
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let problems = ExpositionLint.check(Array(page.utf8), format: .text, problemsMax: 100_000)
        for problem in problems {
            #expect(!problem.isError, "\(problem)")
            let words = lines[problem.line - 1].split { " {".contains($0) }
            ours[String(words[0] == "#" ? words[2] : words[0]), default: 0] += 1
        }
        for name in names { #expect(ours[name] == theirs[name], "\(name)") }
    }

    private func run(_ bytes: [UInt8]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.path))
        process.arguments = ["check", "metrics"]
        let file = FileManager.default.temporaryDirectory.appending(path: "martlet-page-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
