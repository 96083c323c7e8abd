import MartletCore

/// What has to hold for an alert: one tree for every form in which conditions are written.
///
/// The series for which it holds are the alerts' elements.
public indirect enum Condition: Hashable, Sendable {
    /// The measure's values that compare so with the threshold.
    case compare(Measure, ComparisonOperator, Double)
    /// No series of the selector has had a sample within the window.
    case absent(SeriesSelector, window: Duration)

    /// How long a series without new samples still counts as there, as PromQL has it.
    public static let lookback: Duration = .seconds(300)

    /// The selectors in it, with how far back each looks.
    var selectors: [(selector: SeriesSelector, window: Duration?)] {
        switch self {
        case .compare(let measure, _, _): measure.selectors
        case .absent(let selector, let window): [(selector, window)]
        }
    }
}

extension Condition: CustomStringConvertible {
    /// The condition as PromQL, which gives the same elements as evaluation in a process.
    public var description: String {
        switch self {
        case .compare(let measure, let sign, let threshold):
            measure.filtered(sign, threshold).description
        case .absent(let selector, let window):
            "absent_over_time(\(selector)[\(DurationText.string(milliseconds: window.wholeMilliseconds))])"
        }
    }
}
