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

    private func run(_ bytes: [UInt8]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.path))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
        try input.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
