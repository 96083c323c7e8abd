import MartletCore
import MartletMetrics

/// The instruments of a pack, made from its definition; each is registered when it is made, so that it may be shown at 0.
///
/// Looking one up by a name that the pack does not have is a mistake in this module, which its tests would meet at once.
final class PackInstruments: Sendable {
    /// Handles of families, in boxes because they can't be copied.
    final class CounterBox: Sendable {
        let family: Counter.Family
        init(_ family: consuming Counter.Family) { self.family = family }
    }

    final class GaugeBox: Sendable {
        let family: Gauge.Family
        init(_ family: consuming Gauge.Family) { self.family = family }
    }

    final class HistogramBox: Sendable {
        let family: Histogram.Family
        init(_ family: consuming Histogram.Family) { self.family = family }
    }

    let definition: PackDefinition
    private let counters: [String: CounterBox]
    private let gauges: [String: GaugeBox]
    private let histograms: [String: HistogramBox]

    /// Makes the instruments of those families of a pack that are wanted.
    init(
        _ definition: PackDefinition,
        registry: MetricRegistry,
        buckets: (String) -> HistogramBuckets,
        where isWanted: (PackFamily) -> Bool
    ) throws(MetricRegistryError) {
        self.definition = definition
        var counters: [String: CounterBox] = [:]
        var gauges: [String: GaugeBox] = [:]
        var histograms: [String: HistogramBox] = [:]
        for family in definition.families where isWanted(family) {
            let labels = definition.labels + family.labels
            let unit = PackUnit(family.unit)
            switch family.type {
            case .counter:
                counters[family.name] = CounterBox(
                    try registry.register(counter: family.name, help: family.help, unit: unit, labels: labels)
                )
            case .histogram:
                histograms[family.name] = HistogramBox(
                    try registry.register(
                        histogram: family.name,
                        help: family.help,
                        unit: unit,
                        labels: labels,
                        buckets: buckets(family.name)
                    )
                )
            default:
                gauges[family.name] = GaugeBox(
                    try registry.register(gauge: family.name, help: family.help, unit: unit, labels: labels)
                )
            }
        }
        self.counters = counters
        self.gauges = gauges
        self.histograms = histograms
    }

    func counter(_ name: String, _ labels: [String]) -> CounterSeries {
        guard let box = counters[name] else { preconditionFailure("the pack has no counter \(name)") }
        return box.family[labels: labels]
    }

    func gauge(_ name: String, _ labels: [String]) -> GaugeSeries {
        guard let box = gauges[name] else { preconditionFailure("the pack has no gauge \(name)") }
        return box.family[labels: labels]
    }

    func histogram(_ name: String, _ labels: [String]) -> HistogramSeries {
        guard let box = histograms[name] else { preconditionFailure("the pack has no histogram \(name)") }
        return box.family[labels: labels]
    }
}

extension PackInstruments {
    /// Takes a series away.
    func removeCounter(_ name: String, _ labels: [String]) {
        counters[name]?.family.remove(labels: labels)
    }

    /// Takes a series away.
    func removeGauge(_ name: String, _ labels: [String]) {
        gauges[name]?.family.remove(labels: labels)
    }

    /// Takes a series away.
    func removeHistogram(_ name: String, _ labels: [String]) {
        histograms[name]?.family.remove(labels: labels)
    }
}
