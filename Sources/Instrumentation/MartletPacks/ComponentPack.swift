import MartletCore
public import MartletMetrics
import Synchronization

/// What a service measures of each of its components: messages, errors, resources, operations, health, lifecycle.
///
/// ```swift
/// let pack = try ComponentPack()
/// let orders = pack.component("orders", version: "1.2")
/// try orders.process { try handle(message) }
/// ```
///
/// Every series carries the label `component`. Families that have no other label show 0 as soon as the component is there;
/// the others appear with their first value. The page docs/guide/catalogue.md lists them all.
///
/// A pack owns its families: one pack a registry.
public final class ComponentPack: Sendable {
    /// How long an operation may take before it counts as slow.
    public let slowThreshold: Duration

    /// Under which names the processed messages are exported.
    public let naming: MetricNaming

    let registry: MetricRegistry
    let instruments: PackInstruments
    let time: any PackTime
    private let components = Mutex<[String: ComponentMetrics]>([:])
    private let usage = Mutex<[String: UsageReading]>([:])

    /// The processor time of a component at the last collection.
    private struct UsageReading {
        var seconds: Double
        var time: Double
    }

    /// Families whose values follow from others at the moment of a scrape.
    private static let derived: Set = [
        "component_messages_processed", "component_uptime_seconds", "component_cpu_usage_ratio", "component_info",
    ]

    /// Creates the pack and registers its families.
    ///
    /// - Parameters:
    ///   - registry: Where they are shown.
    ///   - naming: Whether processed messages are exported as `component_messages_processed`, with `_total`, or both.
    ///   - slowThreshold: How long an operation may take before it counts as slow.
    /// - Throws: `MetricRegistryError` where one of the names is taken; those before it stay registered.
    public convenience init(
        registry: MetricRegistry = .default,
        naming: MetricNaming = .both,
        slowThreshold: Duration = .seconds(1)
    ) throws(MetricRegistryError) {
        try self.init(registry: registry, naming: naming, slowThreshold: slowThreshold, time: SystemPackTime())
    }

    init(
        registry: MetricRegistry,
        naming: MetricNaming,
        slowThreshold: Duration,
        time: any PackTime
    ) throws(MetricRegistryError) {
        self.registry = registry
        self.naming = naming
        self.slowThreshold = slowThreshold
        self.time = time
        instruments = try PackInstruments(
            .component,
            registry: registry,
            buckets: { $0.hasSuffix("_bytes") ? .bytes : .latency },
            where: { family in
                if family.name == "component_messages_processed_total" { return naming.hasCanonical }
                if family.name == "component_messages_processed" { return naming == .source }
                return !ComponentPack.derived.contains(family.name)
            }
        )
        registry.add(collector: ComponentCollector(pack: self))
    }

    /// The counter of processed messages, under the name that it is kept by.
    var processedName: String {
        naming.hasCanonical ? "component_messages_processed_total" : "component_messages_processed"
    }

    /// The component of a name, which is made at the first call; later calls give the same one.
    ///
    /// - Parameters:
    ///   - name: What it is called; the value of the label `component`.
    ///   - version: Its version, for `component_info`.
    ///   - source: Where it comes from, for `component_info`.
    ///   - runtime: What runs it, for `component_info`.
    /// - Returns: Its metrics, to be kept: each call here takes a lock.
    public func component(
        _ name: String,
        version: String = "",
        source: String = "",
        runtime: String = "swift"
    ) -> ComponentMetrics {
        components.withLock { components in
            if let known = components[name] { return known }
            let labels = ["version": version, "source": source, "runtime": runtime]
            let fresh = ComponentMetrics(name, pack: self, info: LabelSet(labels.map { Label($0, $1) }))
            components[name] = fresh
            return fresh
        }
    }

    /// Takes a component away with all its series; those of others stay as they are.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public func remove(_ name: String) -> Bool {
        guard let gone = components.withLock({ $0.removeValue(forKey: name) }) else { return false }
        _ = usage.withLock { $0.removeValue(forKey: name) }
        gone.removeSeries()
        return true
    }

    /// The names of the components, sorted.
    public var names: [String] { components.withLock { $0.keys.sorted() } }

    // MARK: Views

    /// What one component shows: the pack's families with its series only.
    public func families(of name: String) -> [MetricFamily] {
        families().compactMap { family in
            var family = family
            family.series.removeAll { $0.labels["component"] != name }
            return family.series.isEmpty ? nil : family
        }
    }

    /// What all components show together: the pack's families, summed over the components.
    ///
    /// Counters, histograms and gauges of amounts are added up. Gauges that can't be added, such as health, state, times
    /// and shares of a limit, are left out.
    public func systemFamilies() -> [MetricFamily] {
        families().compactMap { $0.summed(without: "component") }
    }

    private func families() -> [MetricFamily] {
        registry.gather().filter { PackDefinition.component[$0.name] != nil }
    }

    // MARK: Collecting

    /// The families whose values follow from others.
    func collect() -> [MetricFamily] {
        let all = components.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        var list = FamilyList(.component)
        let now = time.seconds
        list.add(
            "component_uptime_seconds",
            all.compactMap { component in
                component.startTime.map { MetricSeries(labels: component.labels, value: .number(max(0, now - $0))) }
            }
        )
        list.add(
            "component_info",
            all.map { component in
                let labels = LabelSet(Array(component.labels) + Array(component.info))
                return MetricSeries(labels: labels, value: .integer(1))
            }
        )
        list.add("component_cpu_usage_ratio", all.compactMap { usageSeries($0, now) })
        if naming == .both {
            list.add(
                "component_messages_processed",
                all.map { MetricSeries(labels: $0.labels, value: .integer(UInt64($0.processedCount))) }
            )
        }
        return list.families
    }

    private func usageSeries(_ component: ComponentMetrics, _ now: Double) -> MetricSeries? {
        let seconds = component.processorSeconds
        let last = usage.withLock { usage in
            defer { usage[component.name] = UsageReading(seconds: seconds, time: now) }
            return usage[component.name]
        }
        guard let last, now > last.time else { return nil }
        return MetricSeries(labels: component.labels, value: .number((seconds - last.seconds) / (now - last.time)))
    }
}

/// Brings the families of a pack whose values follow from others; the registry does not keep the pack alive by it.
private final class ComponentCollector: MetricCollector {
    private weak let pack: ComponentPack?

    init(pack: ComponentPack) {
        self.pack = pack
    }

    var name: String { "component" }

    func collect() -> [MetricFamily] { pack?.collect() ?? [] }
}
