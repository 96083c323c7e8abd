import MartletCore
import MartletMetrics
import Testing

private struct Fixed: MetricCollector {
    var name: String
    var families: [MetricFamily]
    func collect() -> [MetricFamily] { families }
}

private struct Broken: MetricCollector {
    struct Failure: Error {}
    var name: String { "broken" }
    func collect() throws -> [MetricFamily] { throw Failure() }
}

@Suite("MetricRegistry")
struct MetricRegistryTests {
    let reports: Reports
    let registry: MetricRegistry

    init() {
        let reports = Reports()
        self.reports = reports
        registry = MetricRegistry { reports.add($0) }
    }

    private func family(_ name: String, _ type: MetricType = .gauge, _ labels: [LabelSet] = [.empty]) -> MetricFamily {
        MetricFamily(name, metadata: MetricMetadata(type: type), series: labels.map { MetricSeries(labels: $0, 1) })
    }

    @Test func `keeps registries apart`() {
        let other = MetricRegistry()
        Counter("jobs_total", help: "Jobs.", registry: registry).increment()
        Counter("jobs_total", help: "Other jobs.", registry: other).increment(by: 5)
        #expect(registry["jobs_total"]?.series.map(\.value) == [.integer(1)])
        #expect(other["jobs_total"]?.series.map(\.value) == [.integer(5)])
    }

    @Test func `lists what was declared, once each`() throws {
        _ = try registry.register(counter: "b_total", help: "B.")
        _ = try registry.register(gauge: "a", help: "A.")
        _ = try registry.register(histogram: "c_seconds", help: "C.", unit: "seconds")
        _ = try registry.register(counter: "b_total", help: "B.")
        #expect(registry.names == ["a", "b_total", "c_seconds"])
        #expect(registry["c_seconds"]?.metadata == MetricMetadata(type: .histogram, help: "C.", unit: "seconds"))
        #expect(registry["nothing"] == nil)
    }

    @Test func `explicit registration gives handles that work`() throws {
        try registry.register(counter: "a_total", help: "A.").increment()
        try registry.register(gauge: "b", help: "B.").set(to: 2)
        try registry.register(histogram: "c", help: "C.", buckets: [1]).observe(3)
        try registry.register(counter: "d_total", help: "D.", labels: ["x"])["1"].increment(by: 4)
        try registry.register(gauge: "e", help: "E.", labels: ["x"])["1"].set(to: 5)
        try registry.register(histogram: "f", help: "F.", labels: ["x"], buckets: [1])["1"].observe(6)
        #expect(registry.gather().map(\.name) == ["a_total", "b", "c", "d_total", "e", "f"])
        #expect(registry["d_total"]?.series.map(\.labels) == [["x": "1"]])
        #expect(registry["d_total"]?.series.map(\.value) == [.integer(4)])
        guard case .histogram(let value) = registry["f"]?.series.first?.value else {
            Issue.record("f is no histogram")
            return
        }
        #expect(value.sum == 6)
    }

    @Test func `throws for the same name with another meaning, and keeps the first`() throws {
        let first = try registry.register(counter: "x_total", help: "X.", labels: ["a"])
        let file = #fileID
        let line: UInt = #line - 2
        func sites(_ requested: UInt) -> DeclarationSites {
            DeclarationSites(
                existing: DeclarationSite(file: file, line: line),
                requested: DeclarationSite(file: file, line: requested)
            )
        }
        #expect(
            throws: MetricRegistryError.otherType(
                metric: "x_total",
                existing: .counter,
                requested: .gauge,
                sites(#line)
            )
        ) { _ = try registry.register(gauge: "x_total", help: "X.") }
        #expect(
            throws: MetricRegistryError.otherDescription(
                metric: "x_total",
                field: "help",
                existing: "\"X.\"",
                requested: "\"Y.\"",
                sites(#line)
            )
        ) { _ = try registry.register(counter: "x_total", help: "Y.", labels: ["a"]) }
        #expect(throws: MetricRegistryError.self) {
            _ = try registry.register(counter: "x_total", help: "X.", labels: ["b"])
        }
        #expect(throws: MetricRegistryError.self) {
            _ = try registry.register(counter: "x_total", help: "X.", unit: "s")
        }
        first["1"].increment()
        #expect(registry["x_total"]?.series.count == 1)
    }

    @Test func `gives a handle that contradicts another one that counts nothing`() {
        Counter("x_total", help: "X.", registry: registry).increment()
        let gauge = Gauge("x_total", help: "X.", registry: registry)
        gauge.set(to: 7)
        let family = Counter.Family("x_total", help: "X.", labels: "a", registry: registry)
        family["1"].increment()
        family[labels: ["1"]].increment()
        let histogram = Histogram("bad name", help: "X.", registry: registry)
        histogram.observe(1)
        #expect(registry["x_total"]?.series.map(\.value) == [.integer(1)])
        #expect(registry.problems.count == 3)
        #expect(
            registry.problems.first?.description.hasPrefix(
                "cannot register x_total as a gauge: it is registered as a counter; use another name or the existing metric "
                    + "(first declared at InstrumentationTests/MetricRegistryTests.swift:"
            ) == true
        )
        let conflicts = registry.gather().first { $0.name == "martlet_registration_conflicts_total" }
        #expect(conflicts?.series.first?.value == .integer(3))
        #expect(reports.texts.count == 3)
    }

    @Test(arguments: ["9a-b", "", "a.b", "a b", "ä"])
    func `refuses names that the formats cannot write`(name: String) {
        #expect(throws: MetricRegistryError.invalidName(name)) { _ = try registry.register(counter: name, help: "X.") }
    }

    @Test(arguments: [["9a"], ["a", "a"], ["__x"], [""], ["a:b"]])
    func `refuses label names that the formats cannot write`(labels: [String]) {
        #expect(throws: MetricRegistryError.self) {
            _ = try registry.register(counter: "x_total", help: "X.", labels: labels)
        }
    }

    @Test func `refuses a histogram's label le and a constant label`() {
        let constant = MetricRegistry(constantLabels: ["zone": "a"])
        #expect(throws: MetricRegistryError.self) {
            _ = try registry.register(histogram: "x", help: "X.", labels: ["le"])
        }
        #expect(throws: MetricRegistryError.self) {
            _ = try constant.register(gauge: "x", help: "X.", labels: ["zone"])
        }
    }

    @Test func `refuses a metric that would write another's samples`() throws {
        _ = try registry.register(histogram: "wait", help: "Wait.")
        #expect(
            throws: MetricRegistryError.sampleNameTaken(
                metric: "wait_count",
                sample: "wait_count",
                owner: "wait",
                DeclarationSites(
                    existing: DeclarationSite(file: #fileID, line: #line - 1),
                    requested: DeclarationSite(file: #fileID, line: #line)
                )
            )
        ) { _ = try registry.register(counter: "wait_count", help: "Wait.") }
        _ = try registry.register(counter: "size_sum", help: "Size.")
        #expect(throws: MetricRegistryError.self) { _ = try registry.register(histogram: "size", help: "Size.") }
    }

    @Test func `says what is wrong and what to do`() {
        #expect(
            MetricRegistryError.invalidName("9a").description
                == "cannot register metric \"9a\": the name must match [a-zA-Z_:][a-zA-Z0-9_:]*; rename it"
        )
        #expect(
            MetricRegistryError.invalidLabel(metric: "x", label: "le", reason: "is reserved for buckets").description
                == "cannot register metric x: label name \"le\" is reserved for buckets; rename it"
        )
        #expect(
            MetricRegistryError.invalidBuckets(metric: "x", reason: "no").description
                == "cannot register histogram x: no"
        )
        #expect(MetricRegistryError.outOfCells(metric: "x").description.hasPrefix("cannot register x: all cells"))
        #expect(
            MetricRegistryError.sampleNameTaken(
                metric: "a",
                sample: "b",
                owner: "c",
                DeclarationSites(
                    existing: .init(file: "M/A.swift", line: 1),
                    requested: .init(file: "M/B.swift", line: 2)
                )
            ).description
                == "cannot register a: its sample b is also written by c; use another name "
                + "(first declared at M/A.swift:1, again at M/B.swift:2)"
        )
    }

    @Test func `puts constant labels on every series, those of collectors included`() {
        let constant = MetricRegistry(constantLabels: ["zone": "a"])
        Counter("x_total", help: "X.", registry: constant).increment()
        Counter.Family("y_total", help: "Y.", labels: "b", registry: constant)["1"].increment()
        constant.add(collector: Fixed(name: "fixed", families: [family("z", .gauge, [["c": "2"]])]))
        #expect(
            constant.gather().flatMap(\.series).map(\.labels) == [
                ["zone": "a"], ["b": "1", "zone": "a"], ["c": "2", "zone": "a"],
            ]
        )
    }

    @Test func `goes on without a collector that fails, and counts it`() {
        registry.add(collector: Broken())
        registry.add(collector: Fixed(name: "fixed", families: [family("z")]))
        Counter("x_total", help: "X.", registry: registry).increment()
        _ = registry.gather()
        let families = registry.gather()
        #expect(families.map(\.name) == ["martlet_collector_errors_total", "x_total", "z"])
        #expect(families.first?.series == [MetricSeries(labels: ["collector": "broken"], value: .integer(2))])
    }

    @Test func `replaces a collector of the same name and takes it away`() {
        registry.add(collector: Fixed(name: "fixed", families: [family("a")]))
        registry.add(collector: Fixed(name: "fixed", families: [family("b")]))
        #expect(registry.collectorNames == ["fixed"])
        #expect(registry.gather().map(\.name) == ["b"])
        registry.removeCollector(named: "fixed")
        #expect(registry.gather().isEmpty)
    }

    @Test func `joins families of a name and leaves out what contradicts`() {
        Gauge("x", help: "X.", registry: registry).set(to: 1)
        registry.add(collector: Fixed(name: "one", families: [family("x", .gauge, [.empty, ["a": "1"]])]))
        registry.add(collector: Fixed(name: "two", families: [family("x", .counter)]))
        let families = registry.gather()
        #expect(families.map(\.name) == ["martlet_registry_conflicts_total", "x"])
        #expect(families.last?.series.map(\.labels) == [.empty, ["a": "1"]])
        #expect(families.first?.series.first?.value == .integer(2))
    }

    @Test func `has a default registry that handles use by themselves`() {
        let counter = Counter("registry_tests_default_total", help: "A counter of the default registry.")
        counter.increment()
        #expect(MetricRegistry.default["registry_tests_default_total"]?.series.first?.value == .integer(1))
        #expect(MetricRegistry.default === MetricRegistry.default)
    }

    @Test func `leaves a registry created switched off without values`() {
        let off = MetricRegistry(isEnabled: false)
        Counter("x_total", help: "X.", registry: off).increment()
        #expect(!off.isEnabled)
        #expect(off.gather().isEmpty)
        #expect(off["x_total"]?.series.first?.value == .integer(0))
    }
}
