import MartletCore
import MartletMetrics

/// Puts the families of a collection together; a family without series is left out.
struct FamilyList {
    private(set) var families: [MetricFamily] = []

    mutating func add(
        _ type: MetricType,
        _ name: String,
        _ help: String,
        unit: String = "",
        _ series: [MetricSeries]
    ) {
        guard !series.isEmpty else { return }
        families.append(
            MetricFamily(name, metadata: MetricMetadata(type: type, help: help, unit: unit), series: series)
        )
    }

    mutating func gauge(_ name: String, _ help: String, unit: String = "", _ value: Double?) {
        add(.gauge, name, help, unit: unit, value.map { [MetricSeries($0)] } ?? [])
    }

    mutating func gauge(_ name: String, _ help: String, unit: String = "", _ value: UInt64?) {
        add(.gauge, name, help, unit: unit, value.map { [MetricSeries(value: .integer($0))] } ?? [])
    }

    mutating func counter(_ name: String, _ help: String, unit: String = "", _ value: Double?) {
        add(.counter, name, help, unit: unit, value.map { [MetricSeries($0)] } ?? [])
    }

    mutating func counter(_ name: String, _ help: String, unit: String = "", _ value: UInt64?) {
        add(.counter, name, help, unit: unit, value.map { [MetricSeries(value: .integer($0))] } ?? [])
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
