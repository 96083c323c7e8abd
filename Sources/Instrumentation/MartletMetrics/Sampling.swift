import CMartletCells

/// Decides which of many events are recorded, and how many each recorded one stands for.
///
/// Each event is taken with the same probability, independently of the others, so that regular patterns do no harm; the
/// weight of a taken one is the inverse, rounded up or down at random where it is no whole number. Sums over many events
/// are therefore right on average: of 100,000 events at a share of 0.1, the count is within 3 % in all but one of a
/// thousand runs.
public struct EventSampling: Sendable {
    /// The share of events that are taken.
    public let share: Double

    private let threshold: UInt64
    private let weight: UInt64
    private let weightFraction: UInt64

    /// Creates a sampling.
    ///
    /// - Parameter share: The share of events that are taken, above 0 and at most 1; others are brought there.
    public init(share: Double) {
        let bounded = share > 0 ? min(share, 1) : 1
        self.share = max(bounded, 1e-9)
        let inverse = 1 / self.share
        threshold = self.share >= 1 ? .max : UInt64(self.share * 0x1p64)
        weight = UInt64(inverse)
        weightFraction = UInt64(min((inverse - Double(UInt64(inverse))) * 0x1p32, 0x1p32 - 1))
    }

    /// How many events the one at hand stands for; 0 where it is not taken.
    public func next() -> UInt64 {
        guard threshold == .max || martlet_random() < threshold else { return 0 }
        return weight + (martlet_random() >> 32 < weightFraction ? 1 : 0)
    }
}

/// A counter of events so frequent that only some are counted, each for several.
///
/// Its help text says at what share, so that readers know the count for an estimate.
public struct SampledCounter: ~Copyable, Sendable {
    private let counter: Counter
    private let sampling: EventSampling

    /// Describes a sampled counter.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`.
    ///   - help: What is counted, one sentence.
    ///   - share: The share of events that are counted.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    public init(
        _ name: String,
        help: String,
        share: Double,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        sampling = EventSampling(share: share)
        let help = "\(help) (estimated: sampled at \(sampling.share), weighted)"
        counter = Counter(name, help: help, registry: registry, file: file, line: line)
    }

    /// Counts one event, perhaps.
    public func increment() {
        let weight = sampling.next()
        if weight > 0 { counter.increment(by: Int(weight)) }
    }

    /// The estimate now.
    public var value: Double { counter.value }
}

/// A histogram of events so frequent that only some are observed, each for several.
///
/// Its help text says at what share, so that readers know the counts for estimates.
public struct SampledHistogram: ~Copyable, Sendable {
    private let histogram: Histogram
    private let sampling: EventSampling

    /// Describes a sampled histogram.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `.seconds`.
    ///   - share: The share of events that are observed.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        share: Double,
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        sampling = EventSampling(share: share)
        let help = "\(help) (estimated: sampled at \(sampling.share), weighted)"
        histogram = Histogram(
            name,
            help: help,
            unit: unit,
            buckets: buckets,
            registry: registry,
            file: file,
            line: line
        )
    }

    /// Observes one value, perhaps.
    public func observe(_ value: Double) {
        let weight = sampling.next()
        if weight > 0 { histogram.series.observe(value, weight: weight) }
    }

    /// The estimate now.
    public var value: HistogramValue { histogram.value }
}
