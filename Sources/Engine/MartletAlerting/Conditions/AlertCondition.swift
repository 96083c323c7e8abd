import MartletCore

/// A condition in one of the forms that people write.
public enum AlertCondition: Hashable, Sendable {
    /// A metric compares so with a threshold for as long as the duration.
    case metricThreshold(metric: String, operator: ComparisonOperator, threshold: Double, duration: Duration = .zero)
    /// A health check has failed that many times in a row.
    case healthCheckFailure(checkName: String, consecutiveFailures: Int)
    /// More than that share of the operations within the window failed, in percent.
    case errorRate(thresholdPercentage: Double, windowDuration: Duration)
    /// More than that share of a resource is used for as long as the duration, in percent.
    case resourceUsage(resource: AlertResource, thresholdPercentage: Double, duration: Duration = .zero)
    /// A metric is above a threshold; without a name the rule's own.
    case metricAbove(metric: String? = nil, threshold: Double, duration: Duration = .zero)
    /// A metric is below a threshold.
    case metricBelow(metric: String? = nil, threshold: Double, duration: Duration = .zero)
    /// A metric has no series.
    case metricAbsent(metric: String? = nil, duration: Duration = .zero)
    /// A counter grows faster than so much a second.
    case rateAbove(metric: String? = nil, threshold: Double, duration: Duration = .zero)
    /// A counter grows more slowly than so much a second.
    case rateBelow(metric: String? = nil, threshold: Double, duration: Duration = .zero)
    /// A text such as `error_rate > 10 per minute`, or `avg > 1000` with the metric named beside it.
    ///
    /// A threshold that stands beside the text must be the one in it.
    case text(String, metric: String? = nil, threshold: Double? = nil)

    /// How long the condition must hold, by its own words.
    public var hold: Duration {
        switch self {
        case .metricThreshold(_, _, _, let duration), .resourceUsage(_, _, let duration),
            .metricAbove(_, _, let duration),
            .metricBelow(_, _, let duration), .metricAbsent(_, let duration), .rateAbove(_, _, let duration),
            .rateBelow(_, _, let duration):
            duration
        case .healthCheckFailure, .errorRate, .text: .zero
        }
    }

    /// The condition as the one tree.
    ///
    /// - Parameters:
    ///   - rule: The rule's name, which is the metric's where none is named.
    ///   - window: How far back is looked.
    ///   - vocabulary: What words and metrics mean.
    /// - Returns: The tree.
    /// - Throws: ``ConditionError`` with the place in the text.
    public func condition(
        rule: String,
        window: Duration,
        vocabulary: ConditionVocabulary = .standard
    ) throws(ConditionError) -> Condition {
        func latest(_ metric: String?) -> Measure { .latest(SeriesSelector(metric ?? rule)) }
        func rate(_ metric: String?) -> Measure {
            .fold(.sum, .over(.rate, SeriesSelector(metric ?? rule), window: window))
        }
        switch self {
        case .metricThreshold(let metric, let sign, let threshold, _): return .compare(latest(metric), sign, threshold)
        case .healthCheckFailure(let check, let failures):
            guard failures > 0 else { throw ConditionError("consecutive_failures must be at least 1; got \(failures)") }
            let selector = SeriesSelector(ConditionVocabulary.healthFailures, labels: ["check": check])
            return .compare(.latest(selector), .greaterThanOrEqual, Double(failures))
        case .errorRate(let percentage, let window):
            let measure = vocabulary.measure(.errorRate, window: window)
            return .compare(measure, .greaterThan, try Self.share(percentage))
        case .resourceUsage(let resource, let percentage, _):
            let measure = vocabulary.measure(resource.signal, window: window)
            return .compare(measure, .greaterThan, try Self.share(percentage))
        case .metricAbove(let metric, let threshold, _): return .compare(latest(metric), .greaterThan, threshold)
        case .metricBelow(let metric, let threshold, _): return .compare(latest(metric), .lessThan, threshold)
        case .metricAbsent(let metric, _):
            return .absent(SeriesSelector(metric ?? rule), window: Condition.lookback)
        case .rateAbove(let metric, let threshold, _): return .compare(rate(metric), .greaterThan, threshold)
        case .rateBelow(let metric, let threshold, _): return .compare(rate(metric), .lessThan, threshold)
        case .text(let text, let metric, let threshold):
            let parsed = try ConditionText(text)
            if let threshold { try parsed.check(against: threshold) }
            return try parsed.condition(metric: metric, window: window, vocabulary: vocabulary)
        }
    }

    private static func share(_ percentage: Double) throws(ConditionError) -> Double {
        guard (0...100).contains(percentage) else {
            throw ConditionError("threshold_percentage must be in 0 to 100; got \(FloatText.shortest(percentage))")
        }
        return percentage / 100
    }
}

/// Something that can run out.
public enum AlertResource: String, Sendable, Hashable, CaseIterable {
    /// Memory of sandboxes, components and the machine.
    case memory
    /// Processors.
    case cpu
    /// File systems.
    case disk
    /// The fuel of foreign code.
    case fuel

    var signal: ConditionVocabulary.Signal {
        switch self {
        case .memory: .memoryUsage
        case .cpu: .cpuUsage
        case .disk: .diskUsage
        case .fuel: .fuelUsage
        }
    }
}
