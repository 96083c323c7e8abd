import MartletExposition
import MartletMetrics
import MartletPacks
import Testing

/// The lines that dashboards of before look for.
@Suite("Component pack as text")
struct ComponentExpositionTests {
    @Test func `processed messages are counted under the name and help that dashboards know`() throws {
        let registry = MetricRegistry()
        let metrics = try ComponentPack(registry: registry).component("example")
        for _ in 0..<12_345 { metrics.process {} }
        let lines = Set(try registry.exportMetrics("prometheus").split(separator: "\n").map(String.init))
        #expect(lines.contains("# HELP component_messages_processed Total messages processed by component"))
        #expect(lines.contains("# TYPE component_messages_processed counter"))
        #expect(lines.contains(#"component_messages_processed{component="example"} 12345"#))
        #expect(lines.contains("# HELP component_processing_latency_seconds Message processing latency"))
        #expect(
            lines.contains {
                $0.hasPrefix(#"component_processing_latency_seconds_bucket{component="example",le="0.001"} "#)
            }
        )
        #expect(
            lines.contains {
                $0.hasPrefix(#"component_processing_latency_seconds_bucket{component="example",le="0.01"} "#)
            }
        )
        #expect(lines.contains(#"component_processing_latency_seconds_bucket{component="example",le="+Inf"} 12345"#))
        #expect(lines.contains(#"component_processing_latency_seconds_count{component="example"} 12345"#))
    }

    @Test func `the bare name is a counter of its own`() {
        let registry = MetricRegistry()
        let handle = registry.counter("messages_processed")
        for _ in 0..<3 { handle.increment() }
        #expect(registry["messages_processed"]?.series.map(\.value) == [.integer(3)])
    }

    @Test func `one component's load changes nothing of another's while both work`() async throws {
        let pack = try ComponentPack(registry: MetricRegistry())
        let (busy, idle) = (pack.component("busy"), pack.component("idle"))
        idle.process {}
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { for _ in 0..<10_000 { busy.process {} } } }
        }
        func count(_ name: String) -> MetricValue? {
            pack.families(of: name).first { $0.name == "component_messages_processed_total" }?.series.first?.value
        }
        #expect(count("busy") == .integer(40_000))
        #expect(count("idle") == .integer(1))
        pack.remove("busy")
        #expect(count("busy") == nil)
        #expect(count("idle") == .integer(1))
    }
}
