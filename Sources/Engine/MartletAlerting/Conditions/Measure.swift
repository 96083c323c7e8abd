/// What a condition compares: a small algebra over series, which prints as PromQL and can be evaluated without it.
///
/// All conditions of all forms come down to this one tree.
public indirect enum Measure: Hashable, Sendable {
    /// What is made of a series over a stretch of time.
    public enum Over: String, Sendable, CaseIterable {
        /// How much a counter grew, resets left out.
        case increase
        /// How much a counter grew a second.
        case rate
        /// The mean of the samples.
        case average = "avg_over_time"
        /// The highest sample.
        case maximum = "max_over_time"
        /// The lowest sample.
        case minimum = "min_over_time"
        /// The sum of the samples.
        case sum = "sum_over_time"
    }

    /// What is made of several series.
    public enum Fold: String, Sendable, CaseIterable {
        /// Their sum.
        case sum
        /// The highest.
        case maximum = "max"
    }

    /// Two measures made one.
    public enum Arithmetic: String, Sendable, CaseIterable {
        /// The sum.
        case plus = "+"
        /// The difference.
        case minus = "-"
        /// The product.
        case times = "*"
        /// The quotient.
        case divided = "/"
    }

    /// A number.
    case number(Double)
    /// The latest value of each series.
    case latest(SeriesSelector)
    /// Something over the time before now.
    case over(Over, SeriesSelector, window: Duration)
    /// The value below which a share of what a histogram observed lies, over all its series.
    case quantile(Double, metric: String, window: Duration)
    /// One value of several.
    case fold(Fold, Measure)
    /// Two made one, series by series with the same labels; a number goes with every series.
    case arithmetic(Measure, Arithmetic, Measure)
    /// Only the series whose value compares so.
    case filter(Measure, ComparisonOperator, Double)
    /// The first's series, and those of the second whose labels the first does not have.
    case either(Measure, Measure)

    /// The sum over series of how much a counter grew.
    public static func growth(_ selector: SeriesSelector, window: Duration) -> Measure {
        .fold(.sum, .over(.increase, selector, window: window))
    }

    /// The share that one counter's growth is of another's.
    public static func share(of part: SeriesSelector, in whole: SeriesSelector, window: Duration) -> Measure {
        .arithmetic(growth(part, window: window), .divided, growth(whole, window: window))
    }

    /// The mean of what a histogram or summary observed.
    public static func mean(_ metric: String, window: Duration) -> Measure {
        share(of: SeriesSelector(metric + "_sum"), in: SeriesSelector(metric + "_count"), window: window)
    }

    /// One gauge as a share of another, where the other is above zero.
    public static func usage(_ used: SeriesSelector, of limit: SeriesSelector) -> Measure {
        .arithmetic(.latest(used), .divided, .filter(.latest(limit), .greaterThan, 0))
    }

    /// The first of several that has a value, label set by label set.
    static func first(_ measures: [Measure]) -> Measure {
        measures.dropFirst().reduce(measures.first ?? .number(.nan)) { .either($0, $1) }
    }

    /// Only the series whose value compares so; of alternatives each by itself, so that a good one hides no bad one.
    func filtered(_ sign: ComparisonOperator, _ threshold: Double) -> Measure {
        guard case .either(let left, let right) = self else { return .filter(self, sign, threshold) }
        return .either(left.filtered(sign, threshold), right.filtered(sign, threshold))
    }

    /// The selectors in it, with how far back each looks; `nil` for the latest value.
    var selectors: [(selector: SeriesSelector, window: Duration?)] {
        switch self {
        case .number: []
        case .latest(let selector): [(selector, nil)]
        case .over(_, let selector, let window): [(selector, window)]
        case .quantile(_, let metric, let window): [(SeriesSelector(metric + "_bucket"), window)]
        case .fold(_, let inner), .filter(let inner, _, _): inner.selectors
        case .arithmetic(let left, _, let right), .either(let left, let right): left.selectors + right.selectors
        }
    }
}
