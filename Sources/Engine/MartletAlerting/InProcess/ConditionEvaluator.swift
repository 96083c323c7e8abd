import MartletCore

/// Evaluates conditions over a ``SampleHistory``, with the results that PromQL gives for the same samples.
struct ConditionEvaluator {
    private let history: SampleHistory
    private let time: Int64

    init(_ history: SampleHistory, at time: Int64) {
        self.history = history
        self.time = time
    }

    /// The series for which a condition holds, by their labels without the metric's name where it was computed.
    func elements(of condition: Condition) -> [RuleSample] {
        switch condition {
        case .compare(let measure, let sign, let threshold):
            return value(of: measure.filtered(sign, threshold)).samples
        case .absent(let selector, let window):
            let isThere = !history.points(selector, window: window.wholeMilliseconds, at: time).isEmpty
            return isThere ? [] : [RuleSample(labels: selector.labels, value: 1)]
        }
    }

    private enum Value {
        case scalar(Double)
        case vector([RuleSample])

        var samples: [RuleSample] {
            switch self {
            case .scalar(let number): [RuleSample(labels: .empty, value: number)]
            case .vector(let samples): samples
            }
        }
    }

    private func value(of measure: Measure) -> Value {
        switch measure {
        case .number(let number): return .scalar(number)
        case .latest(let selector):
            return .vector(history.latest(selector, at: time).map { RuleSample(labels: $0.labels, value: $0.value) })
        case .over(let function, let selector, let window): return .vector(over(function, selector, window))
        case .quantile(let share, let metric, let window):
            return .vector(quantile(share, over(.rate, SeriesSelector(metric + "_bucket"), window)))
        case .fold(let fold, let inner): return .vector(folded(value(of: inner).samples, fold))
        case .arithmetic(let left, let sign, let right): return arithmetic(value(of: left), sign, value(of: right))
        case .filter(let inner, let sign, let threshold):
            return .vector(value(of: inner).samples.filter { sign.holds($0.value, threshold) })
        case .either(let left, let right):
            let first = value(of: left).samples
            let known = Set(first.map { $0.labels.removing([Label.metricName]) })
            let others = value(of: right).samples.filter { !known.contains($0.labels.removing([Label.metricName])) }
            return .vector(first + others)
        }
    }

    private func over(_ function: Measure.Over, _ selector: SeriesSelector, _ window: Duration) -> [RuleSample] {
        let length = window.wholeMilliseconds
        return history.points(selector, window: length, at: time).compactMap { labels, points in
            let values = points.map(\.value)
            let value: Double? =
                switch function {
                case .increase: increase(points, window: length)
                case .rate: increase(points, window: length).map { $0 / (Double(length) / 1000) }
                case .average: values.reduce(0, +) / Double(values.count)
                case .maximum: values.max()
                case .minimum: values.min()
                case .sum: values.reduce(0, +)
                }
            return value.map { RuleSample(labels: labels.removing([Label.metricName]), value: $0) }
        }
    }

    /// How much a counter grew, extended to the ends of the window as Prometheus does.
    ///
    /// - SeeAlso: [extrapolatedRate](https://github.com/prometheus/prometheus/blob/v3.5.0/promql/functions.go)
    private func increase(_ points: ArraySlice<SampleHistory.Point>, window: Int64) -> Double? {
        guard points.count > 1, let first = points.first, let last = points.last else { return nil }
        var growth = last.value - first.value
        for (earlier, later) in zip(points, points.dropFirst()) where later.value < earlier.value {
            growth += earlier.value
        }
        let sampled = Double(last.time - first.time) / 1000
        var toStart = Double(first.time - (time - window)) / 1000
        var toEnd = Double(time - last.time) / 1000
        let between = sampled / Double(points.count - 1)
        let limit = between * 1.1
        if toStart >= limit { toStart = between / 2 }
        // A counter cannot have been below zero.
        if growth > 0, first.value >= 0 { toStart = min(toStart, sampled * (first.value / growth)) }
        if toEnd >= limit { toEnd = between / 2 }
        return growth * ((sampled + toStart + toEnd) / sampled)
    }

    /// Interpolates inside of the bucket that holds the share, as `histogram_quantile` does.
    private func quantile(_ share: Double, _ rates: [RuleSample]) -> [RuleSample] {
        var byBound: [Double: Double] = [:]
        for sample in rates {
            guard let text = sample.labels["le"], let bound = Double(text.replacingPlusInfinity) else { continue }
            byBound[bound, default: 0] += sample.value
        }
        let buckets = byBound.sorted { $0.key < $1.key }
        guard let last = buckets.last, last.key == .infinity, buckets.count > 1 else { return [] }
        guard last.value > 0 else { return [RuleSample(labels: .empty, value: .nan)] }
        let rank = share * last.value
        let place = buckets.firstIndex { $0.value >= rank } ?? buckets.count - 1
        if place == buckets.count - 1 { return [RuleSample(labels: .empty, value: buckets[place - 1].key)] }
        let bound = buckets[place].key
        if place == 0, bound <= 0 { return [RuleSample(labels: .empty, value: bound)] }
        let lower = place > 0 ? buckets[place - 1].key : 0
        let below = place > 0 ? buckets[place - 1].value : 0
        let inside = buckets[place].value - below
        let value = lower + (bound - lower) * ((rank - below) / inside)
        return [RuleSample(labels: .empty, value: value)]
    }

    private func folded(_ samples: [RuleSample], _ fold: Measure.Fold) -> [RuleSample] {
        guard !samples.isEmpty else { return [] }
        let values = samples.map(\.value)
        let value =
            switch fold {
            case .sum: values.reduce(0, +)
            case .maximum: values.max() ?? .nan
            }
        return [RuleSample(labels: .empty, value: value)]
    }

    private func arithmetic(_ left: Value, _ sign: Measure.Arithmetic, _ right: Value) -> Value {
        func compute(_ left: Double, _ right: Double) -> Double {
            switch sign {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .divided: left / right
            }
        }
        func named(_ labels: LabelSet, _ value: Double) -> RuleSample {
            RuleSample(labels: labels.removing([Label.metricName]), value: value)
        }
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)): return .scalar(compute(left, right))
        case (.vector(let samples), .scalar(let number)):
            return .vector(samples.map { named($0.labels, compute($0.value, number)) })
        case (.scalar(let number), .vector(let samples)):
            return .vector(samples.map { named($0.labels, compute(number, $0.value)) })
        case (.vector(let left), .vector(let right)):
            let partners = Dictionary(right.map { ($0.labels.removing([Label.metricName]), $0.value) }) { first, _ in
                first
            }
            return .vector(
                left.compactMap { sample in
                    let labels = sample.labels.removing([Label.metricName])
                    return partners[labels].map { named(labels, compute(sample.value, $0)) }
                }
            )
        }
    }
}

extension String {
    /// The text of a bound as Swift reads it.
    fileprivate var replacingPlusInfinity: String { self == "+Inf" ? "inf" : self }
}
