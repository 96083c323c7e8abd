import Foundation
import MartletConfiguration
import MartletCore
import MartletPatterns
import Testing

@testable import MartletScrape

@Suite("Targets")
struct TargetTests {
    private func outcome(
        _ address: String = "host:9100",
        labels: LabelSet = .empty,
        _ change: (inout ScrapeConfiguration) -> Void = { _ in }
    ) -> TargetAssembly.Outcome {
        var configuration = ScrapeConfiguration(jobName: "node")
        change(&configuration)
        return TargetAssembly(configuration: configuration)
            .outcome(of: address, in: TargetGroup(targets: [address], labels: labels))
    }

    private func target(
        _ address: String = "host:9100",
        labels: LabelSet = .empty,
        _ change: (inout ScrapeConfiguration) -> Void = { _ in }
    ) throws -> ScrapeTarget {
        guard case .target(let target) = outcome(address, labels: labels, change) else {
            throw Unexpected()
        }
        return target
    }

    private struct Unexpected: Error {}

    @Test func `an address gets the default labels`() throws {
        let target = try target(labels: ["rack": "7"])
        #expect(target.labels == ["instance": "host:9100", "job": "node", "rack": "7"])
        #expect(target.url == "http://host:9100/metrics")
        #expect(target.interval == .seconds(60))
        #expect(target.timeout == .seconds(10))
        #expect(
            target.discoveredLabels == [
                "__address__": "host:9100", "__metrics_path__": "/metrics", "__scheme__": "http",
                "__scrape_interval__": "1m", "__scrape_timeout__": "10s", "job": "node", "rack": "7",
            ]
        )
    }

    @Test func `labels with two underscores direct the scrape and are not kept`() throws {
        let target = try target(
            labels: [
                "__scheme__": "https", "__metrics_path__": "probe", "__param_module": "http 2xx",
                "__scrape_interval__": "15s", "__scrape_timeout__": "5s", "__meta_zone": "a",
            ]
        ) { $0.parameters = [.init(name: "target", values: ["a&b", "c"])] }
        #expect(target.url == "https://host:9100/probe?module=http+2xx&target=a%26b&target=c")
        #expect(target.interval == .seconds(15))
        #expect(target.timeout == .seconds(5))
        #expect(target.labels == ["instance": "host:9100", "job": "node"])
    }

    @Test func `relabelling can take another address, as for a prober`() throws {
        let target = try target("example.org") { configuration in
            configuration.metricsPath = "/probe"
            configuration.relabelRules = [
                RelabelRule(.replace, from: ["__address__"], to: "__param_target"),
                RelabelRule(.replace, from: ["__param_target"], to: "instance"),
                RelabelRule(.replace, to: "__address__", replacement: "127.0.0.1:9115"),
            ]
        }
        #expect(target.url == "http://127.0.0.1:9115/probe?target=example.org")
        #expect(target.labels == ["instance": "example.org", "job": "node"])
    }

    @Test func `a dropped target is told with what was discovered`() throws {
        let pattern = try RE2Patterns().compile("host.*")
        let outcome = outcome { $0.relabelRules = [RelabelRule(.drop, from: ["__address__"], matching: pattern)] }
        guard case .dropped(let labels) = outcome else { throw Unexpected() }
        #expect(labels["__address__"] == "host:9100")
    }

    @Test(arguments: [
        (["__address__": "a/b"] as LabelSet, #""a/b" is not a valid address"#),
        (
            ["__scrape_interval__": "0s"] as LabelSet,
            #"target host:9100 has the scrape interval "0s", which is no duration above 0"#
        ),
        (
            ["__scrape_timeout__": "2m"] as LabelSet,
            #"target host:9100 has the scrape timeout "2m", which is no duration in 1ms to 1m"#
        ),
        (["__scheme__": "ftp"] as LabelSet, #"target host:9100 has the scheme "ftp", which is neither http nor https"#),
    ])
    func `an unusable target is refused with its reason`(labels: LabelSet, reason: String) {
        let rules = labels.map { RelabelRule(.replace, to: $0.name, replacement: $0.value) }
        #expect(outcome { $0.relabelRules = rules } == .refused(reason))
    }

    @Test func `targets spread over their interval`() throws {
        var buckets = [Int](repeating: 0, count: 10)
        for index in 0..<1000 {
            let spread = try target("host-\(index):9100").spread
            buckets[Int(spread % 15_000_000_000 / 1_500_000_000)] += 1
        }
        #expect(buckets.allSatisfy { (60...140).contains($0) }, "\(buckets)")
    }
}

@Suite("Target files")
struct FileDiscovererTests {
    private let directory = NSTemporaryDirectory() + "martlet-sd-\(UUID().uuidString)"

    private func write(_ text: String, to name: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"), options: .atomic)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: directory) }

    @Test func `files in JSON and YAML are read, changed and removed`() throws {
        defer { remove() }
        try write(#"[{"targets": ["a:1", "a:2"], "labels": {"zone": "x"}}]"#, to: "1.json")
        try write("- targets: ['b:1']\n", to: "2.json")
        var discoverer = FileDiscoverer(
            FileDiscovery(patterns: ["\(directory)/*.json"]),
            patterns: RE2Patterns()
        )
        #expect(discoverer.refresh(nowMilliseconds: 0) == [])
        #expect(
            discoverer.groups == [
                TargetGroup(targets: ["a:1", "a:2"], labels: ["__meta_filepath": "\(directory)/1.json", "zone": "x"]),
                TargetGroup(targets: ["b:1"], labels: ["__meta_filepath": "\(directory)/2.json"]),
            ]
        )
        try write("- targets: ['b:1', 'b:2']\n", to: "2.json")
        #expect(discoverer.refresh(nowMilliseconds: 5000) == [])
        #expect(discoverer.groups[1].targets == ["b:1", "b:2"])
        try FileManager.default.removeItem(atPath: "\(directory)/1.json")
        #expect(discoverer.refresh(nowMilliseconds: 10_000) == [])
        #expect(discoverer.groups.map(\.targets) == [["b:1", "b:2"]])
    }

    @Test(arguments: ["[{\"targets\": [", "- targets: 5\n", "- target: [a]\n", "targets: [a]\n", "\u{0}"])
    func `a bad file keeps its old targets and is told once`(text: String) throws {
        defer { remove() }
        try write("[{\"targets\": [\"a:1\"]}]", to: "t.json")
        var discoverer = FileDiscoverer(FileDiscovery(patterns: ["\(directory)/t.json"]), patterns: RE2Patterns())
        _ = discoverer.refresh(nowMilliseconds: 0)
        try write(text, to: "t.json")
        let errors = discoverer.refresh(nowMilliseconds: 5000)
        #expect(errors.count == 1)
        #expect(errors.first?.contains("\(directory)/t.json") == true)
        #expect(discoverer.groups.map(\.targets) == [["a:1"]])
        #expect(discoverer.refresh(nowMilliseconds: 10_000) == [])
        #expect(discoverer.errors.count == 1)
        try write("[{\"targets\": [\"a:1\", \"a:2\"]}]", to: "t.json")
        #expect(discoverer.refresh(nowMilliseconds: 15_000) == [])
        #expect(discoverer.errors == [])
        #expect(discoverer.groups.map(\.targets) == [["a:1", "a:2"]])
    }
}
