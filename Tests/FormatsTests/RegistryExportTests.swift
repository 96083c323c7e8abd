import Foundation
import MartletCore
import MartletExposition
import MartletMetrics
import Testing

@Suite("Export of a registry")
struct RegistryExportTests {
    private struct Full: Error {}

    private struct Validation: MetricCollector {
        var name: String { "validation" }

        func collect() -> [MetricFamily] {
            let metadata = MetricMetadata(type: .counter, help: "V.")
            return [MetricFamily("validation_total", metadata: metadata, series: [MetricSeries(value: .integer(42))])]
        }
    }

    private func registry() -> MetricRegistry {
        let registry = MetricRegistry()
        registry.add(collector: Validation())
        let family = Counter.Family("visits_total", help: "Visits.", labels: "page", registry: registry)
        for page in 0..<100 { family["\(page)"].increment(by: page) }
        return registry
    }

    @Test func `formats go by their names, and an unknown one is an error`() throws {
        let registry = registry()
        #expect(try registry.exportMetrics("prometheus").contains("visits_total{page=\"7\"} 7\n"))
        #expect(try registry.exportMetrics("openmetrics").hasSuffix("# EOF\n"))
        #expect(try registry.exportMetrics("json").contains("\"latest_value\""))
        let error = #expect(throws: UnknownExpositionFormat.self) { try registry.exportMetrics("xml") }
        #expect(error?.description == "unknown metrics format \"xml\"; use prometheus, openmetrics, protobuf or json")
        // Protobuf is no text.
        #expect(throws: UnknownExpositionFormat.self) { try registry.exportMetrics("protobuf") }
    }

    @Test func `a writer gets the pieces of the same bytes, and ends the writing with what it throws`() throws {
        let registry = registry()
        var pieces: [[UInt8]] = []
        registry.exportMetrics(.openMetrics, chunkBytes: 200) { pieces.append($0) }
        #expect(pieces.count > 5)
        #expect(Array(pieces.joined()) == registry.export(.openMetrics))
        var count = 0
        #expect(throws: Full.self) {
            try registry.exportMetrics(.text, chunkBytes: 200) { _ throws(Full) in
                count += 1
                if count == 3 { throw Full() }
            }
        }
        #expect(count == 3)
    }

    @Test func `a loop over collectors and their metrics reads the JSON map`() throws {
        let program = """
            import json, sys
            data = json.loads(sys.stdin.read())
            for collector_name, metrics in data.items():
                for metric_name, metric in metrics.items():
                    print(f"{collector_name}.{metric_name}: {metric['latest_value']}")
            """
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = ["python3", "-c", program]
        let (input, output) = (Pipe(), Pipe())
        python.standardInput = input
        python.standardOutput = output
        try python.run()
        try input.fileHandleForWriting.write(contentsOf: Data(registry().exportMetrics("json").utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains("validation.validation_total: 42"))
        #expect(lines.contains { $0.hasPrefix("default.visits_total: ") })
    }
}
