import MartletCore
import MartletMetrics

/// Writes `{"<collector>":{"<metric>":{"type":…,"latest_value":…,…}}}`, one entry a metric; metrics that no collector
/// brought are under `default`.
///
/// `latest_value` is a number or `null`: the value of the only series, the sum of the series of a counter, the mean of a
/// histogram's or summary's observations; for a gauge of several series, the last one's. `series` has them one by one.
struct JSONCollectorsWriter: FamilyWriting {
    var bytes: [UInt8]
    private let now: Int64
    private var collector: String?

    init(_ bytes: [UInt8], now: Int64) {
        self.bytes = bytes
        self.now = now
    }

    mutating func start() {
        bytes.append(utf8: "{")
    }

    mutating func open(_ family: MetricFamily) -> Bool { true }

    mutating func write(_ series: MetricSeries, of family: MetricFamily) {}

    mutating func close(_ family: MetricFamily) {
        let name = family.collector.isEmpty ? "default" : family.collector
        if collector == name {
            bytes.append(utf8: ",\n")
        } else {
            if collector != nil { bytes.append(utf8: "},\n") }
            JSONText.append(name, to: &bytes)
            bytes.append(utf8: ":{")
            collector = name
        }
        JSONText.append(family.name, to: &bytes)
        bytes.append(utf8: ":")
        var writer = JSONWriter()
        let now = now
        writer.object { entry in
            entry.member("type", family.kind.rawValue)
            entry.member("description", family.metadata.help)
            entry.member("unit", family.metadata.unit)
            entry.key("latest_value")
            if let latest = JSONCollectorsWriter.latest(family) { entry.number(latest) } else { entry.null() }
            entry.member("latest_timestamp", family.series.compactMap(\.timestamp).max() ?? now)
            entry.member("series", array: family.series) { list, series in
                list.object { part in
                    part.member("labels", labels: series.labels)
                    part.key("value")
                    part.value(series.value)
                    part.member("timestamp", series.timestamp ?? now)
                }
            }
        }
        bytes += writer.bytes
    }

    mutating func end() {
        bytes.append(utf8: collector == nil ? "}\n" : "}}\n")
    }

    private static func latest(_ family: MetricFamily) -> Double? {
        guard let last = family.series.last else { return nil }
        switch last.value {
        case .integer, .number:
            guard family.metadata.type == .counter else { return last.value.number }
            return family.series.reduce(0) { $0 + ($1.value.number ?? 0) }
        case .histogram, .summary:
            var (sum, count) = (0.0, UInt64(0))
            for series in family.series {
                switch series.value {
                case .histogram(let value): (sum, count) = (sum + value.sum, count &+ value.count)
                case .summary(let value): (sum, count) = (sum + value.sum, count &+ value.count)
                case .integer, .number: break
                }
            }
            return count == 0 ? nil : sum / Double(count)
        }
    }
}
