import MartletCore
import MartletSeries

/// One series of a vector over all steps of an evaluation.
///
/// The values are dense, one a step. A step without a number holds the stale marker's bits, which no selector lets
/// through and no arithmetic makes; it has a native histogram, or nothing.
struct Column {
    var labels: LabelSet

    /// Whether the metric's name is to be removed at the end of the query.
    var dropsName = false

    /// The numbers, absent where there is a histogram.
    var values: [Double]

    /// The native histograms, one a step; empty where the column has none at all.
    var histograms: [NativeHistogram?] = []

    static var absent: Double { StaleMarker.value }

    @inline(__always)
    static func isAbsent(_ value: Double) -> Bool { value.bitPattern == 0x7ff0_0000_0000_0002 }

    /// A column without values.
    init(labels: LabelSet, dropsName: Bool = false, steps: Int) {
        self.labels = labels
        self.dropsName = dropsName
        values = [Double](repeating: Self.absent, count: steps)
    }

    init(labels: LabelSet, dropsName: Bool = false, values: [Double]) {
        self.labels = labels
        self.dropsName = dropsName
        self.values = values
    }

    init(labels: LabelSet, dropsName: Bool, values: [Double], histograms: [NativeHistogram?]) {
        self.labels = labels
        self.dropsName = dropsName
        self.values = values
        self.histograms = histograms
    }

    var isEmpty: Bool {
        for value in values where !Self.isAbsent(value) { return false }
        for histogram in histograms where histogram != nil { return false }
        return true
    }

    /// The histogram of a step, where it has one.
    func histogram(_ step: Int) -> NativeHistogram? { histograms.isEmpty ? nil : histograms[step] }

    /// Whether a step has a number or a histogram.
    func isPresent(_ step: Int) -> Bool { !Self.isAbsent(values[step]) || histogram(step) != nil }

    mutating func set(_ histogram: NativeHistogram, at step: Int) {
        if histograms.isEmpty { histograms = [NativeHistogram?](repeating: nil, count: values.count) }
        histograms[step] = histogram
        values[step] = Self.absent
    }

    /// Takes over what another column has at a step.
    mutating func copy(_ step: Int, of other: Column) {
        values[step] = other.values[step]
        if let histogram = other.histogram(step) { set(histogram, at: step) }
    }

    mutating func clear(_ step: Int) {
        values[step] = Self.absent
        if !histograms.isEmpty { histograms[step] = nil }
    }
}

/// The value of an expression over all steps.
enum StepValue {
    case scalar([Double])
    case string(StringLiteral)
    case vector([Column])
}
