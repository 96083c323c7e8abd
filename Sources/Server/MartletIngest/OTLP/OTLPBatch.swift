import MartletCore
import MartletOTLP
import MartletSeries

/// The series and samples of one request, with the way back from a sample to the point it was made of.
struct OTLPBatch {
    /// The series and their samples.
    private(set) var batch = SampleBatch()

    /// The label bytes of the series.
    private(set) var labels: [UInt8] = []

    /// The point that each sample was made of; negative for those of the server's own making.
    private(set) var points: [Int32] = []

    /// The exemplars by series.
    private(set) var exemplars: [SeriesExemplars] = []

    /// What metrics say of themselves.
    var metadata: [String: MetricMetadata] = [:]

    /// Appends a series; the labels are sorted and neither `__name__` nor the extra one is among them.
    ///
    /// - Returns: Where the label bytes lie.
    @discardableResult
    mutating func begin(_ name: String, _ rest: [Label], extra: Label? = nil) -> Range<Int> {
        let start = labels.count
        var extras = [Label(Label.metricName, name)]
        if let extra { extras.append(extra) }
        extras.sort { $0.name < $1.name }
        var next = 0
        for label in rest {
            while next < extras.count, extras[next].name < label.name { append(extras[next]); next += 1 }
            if next < extras.count, extras[next].name == label.name { continue }
            append(label)
        }
        while next < extras.count { append(extras[next]); next += 1 }
        batch.beginSeries(labels: start..<labels.count)
        return start..<labels.count
    }

    mutating func add(timestamp: Int64, value: Double, point: Int) {
        batch.add(timestamp: timestamp, value: value)
        points.append(Int32(point))
    }

    mutating func add(timestamp: Int64, histogram: NativeHistogram, point: Int) {
        batch.add(timestamp: timestamp, histogram: histogram)
        points.append(Int32(point))
    }

    /// Adds exemplars to the series that was begun last.
    mutating func add(_ list: [ExemplarSample]) {
        guard !list.isEmpty, let series = batch.labels(of: batch.entries.count - 1, in: labels.span) else { return }
        exemplars.append(SeriesExemplars(labels: series, exemplars: list))
    }

    private mutating func append(_ label: Label) {
        if !label.value.isEmpty { LabelBytes.append(name: label.name, value: label.value, to: &labels) }
    }
}
