import MartletCore
import MartletMetrics

/// Puts the families of a collection together, described as the pack has them; a family without series is left out.
struct FamilyList {
    private let packs: [PackDefinition]
    private(set) var families: [MetricFamily] = []

    init(_ packs: PackDefinition...) {
        self.packs = packs
    }

    mutating func add(_ name: String, _ series: [MetricSeries]) {
        guard !series.isEmpty else { return }
        // A name that no pack has would be a slip of ours: it is shown all the same, and a test finds it.
        let metadata = packs.lazy.compactMap { $0[name]?.metadata }.first ?? MetricMetadata(type: .unknown)
        families.append(MetricFamily(name, metadata: metadata, series: series))
    }

    mutating func add(_ name: String, _ value: Double?) {
        add(name, value.map { [MetricSeries($0)] } ?? [])
    }

    mutating func add(_ name: String, _ value: UInt64?) {
        add(name, value.map { [MetricSeries(value: .integer($0))] } ?? [])
    }
}

extension MetricSeries {
    /// A whole number under labels given in any order.
    init(_ labels: [Label], _ count: UInt64) {
        self.init(labels: LabelSet(labels), value: .integer(count))
    }

    /// A number under labels given in any order.
    init(_ labels: [Label], _ number: Double) {
        self.init(labels: LabelSet(labels), value: .number(number))
    }
}
