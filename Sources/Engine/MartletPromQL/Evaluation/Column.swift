import MartletCore
import MartletSeries

/// One series of a vector over all steps of an evaluation.
///
/// The values are dense, one a step. A step without a value holds the stale marker's bits, which no selector lets
/// through and no arithmetic makes.
struct Column {
    var labels: LabelSet

    /// Whether the metric's name is to be removed at the end of the query.
    var dropsName = false

    var values: [Double]

    static var absent: Double { StaleMarker.value }

    static func isAbsent(_ value: Double) -> Bool { StaleMarker.isStale(value) }

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

    var isEmpty: Bool { values.allSatisfy(Self.isAbsent) }
}

/// The value of an expression over all steps.
enum StepValue {
    case scalar([Double])
    case string(StringLiteral)
    case vector([Column])
}
