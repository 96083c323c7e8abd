import MartletMetrics
import Testing

@Suite("Histogram")
struct HistogramTests {
    let registry = MetricRegistry()

    private func histogram(_ buckets: HistogramBuckets) -> Histogram {
        Histogram("size", help: "Size.", buckets: buckets, registry: registry)
    }

    private func counts(_ histogram: borrowing Histogram) -> [UInt64] {
        counts(histogram.series)
    }

    private func counts(_ histogram: Histogram.Series) -> [UInt64] {
        histogram.value.buckets.map(\.cumulativeCount)
    }

    @Test func `counts a value in the first bucket whose bound is not below it`() {
        let histogram = histogram([1, 5, 10])
        for value in [0.5, 1, 1.001, 5, 9, 10, 10.5] { histogram.observe(value) }
        let value = histogram.value
        #expect(value.buckets.map(\.upperBound) == [1, 5, 10, .infinity])
        #expect(counts(histogram) == [2, 4, 6, 7])
        #expect(value.count == 7)
        #expect(value.sum == 37.001)
    }

    @Test func `takes zero, negative and infinite values, and refuses NaN`() {
        let histogram = histogram([0.1, 1])
        for value in [0, -0.0, -5, -.infinity, .nan] { histogram.observe(value) }
        #expect(counts(histogram) == [4, 4, 4])
        histogram.observe(.infinity)
        #expect(counts(histogram) == [4, 4, 5])
        #expect(histogram.value.sum.isNaN)
        let refused = registry.gather().first { $0.name == "martlet_metric_calls_refused_total" }
        #expect(refused?.series.first?.value == .integer(1))
    }

    @Test(arguments: [
        HistogramBuckets([]), [0, 1], [-10, -1, 0, 5], .standard, .latency, .bytes,
        .linear(from: 1, width: 1, count: 255),
        .exponential(from: 1e-300, factor: 1e10, count: 60), [1, 1.0000000001, 1.0000000002],
        [.leastNonzeroMagnitude, .leastNormalMagnitude, 1e308],
    ])
    func `finds the same bucket as a plain search`(buckets: HistogramBuckets) {
        let histogram = histogram(buckets)
        var generator = SplitMix(seed: 20_260_101)
        var expected = [UInt64](repeating: 0, count: buckets.upperBounds.count + 1)
        for round in 0..<4000 {
            let bound = buckets.upperBounds.isEmpty ? 0 : buckets.upperBounds[round % buckets.upperBounds.count]
            let value: Double
            switch round % 5 {
            case 0: value = bound
            case 1: value = bound.nextUp
            case 2: value = bound.nextDown
            case 3: value = Double(bitPattern: generator.next() & 0x7FEF_FFFF_FFFF_FFFF)
            default: value = -Double(bitPattern: generator.next() & 0x7FEF_FFFF_FFFF_FFFF)
            }
            histogram.observe(value)
            expected[buckets.upperBounds.firstIndex { value <= $0 } ?? buckets.upperBounds.count] += 1
        }
        var running: UInt64 = 0
        let cumulative = expected.map { count -> UInt64 in
            running += count
            return running
        }
        #expect(counts(histogram) == cumulative, "seed 20260101")
    }

    @Test func `count equals the last bucket while threads observe`() async {
        let histogram = histogram(.standard).series
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for step in 0..<20_000 { histogram.observe(Double(step % 100) / 10) } }
            }
            group.addTask {
                var last: UInt64 = 0
                for _ in 0..<300 {
                    let value = histogram.value
                    #expect(value.count == value.buckets.last?.cumulativeCount)
                    #expect(value.count >= last)
                    last = value.count
                }
            }
        }
        #expect(histogram.value.count == 80_000)
        #expect(abs(histogram.value.sum - 396_000) < 1e-6)
    }

    @Test(arguments: [(0.0, 0.0), (0.25, 1.0), (0.5, 2.0), (0.75, 3.0), (0.9, 4.0), (1.0, 4.0)])
    func `estimates quantiles by interpolation`(share: Double, estimate: Double) {
        let histogram = histogram([2, 4])
        for value in [1.0, 1, 3, 3, 9] { histogram.observe(value) }
        // Five observations: two up to 2, four up to 4, one beyond.
        let value = HistogramValue(
            buckets: [
                .init(upperBound: 2, cumulativeCount: 4), .init(upperBound: 4, cumulativeCount: 8),
                .init(upperBound: .infinity, cumulativeCount: 8),
            ],
            sum: 0,
            count: 8
        )
        #expect(abs((value.quantile(min(share, 1)) ?? -1) - min(estimate, share * 4)) < 1e-12)
        #expect(histogram.quantile(1) == 4)
    }

    @Test func `has no quantile before the first observation`() {
        #expect(histogram([1]).quantile(0.5) == nil)
        #expect(HistogramValue(buckets: [], sum: 0, count: 0).quantile(0.5) == nil)
    }

    @Test func `reports the lowest bound where it is not positive`() {
        let histogram = histogram([-1, 1])
        histogram.observe(-5)
        #expect(histogram.quantile(0.5) == -1)
    }

    @Test func `stops on a share outside 0 to 1`() async {
        await #expect(processExitsWith: .failure) {
            _ = Histogram("size", help: "Size.", registry: MetricRegistry()).quantile(99)
        }
    }

    @Test func `takes a duration in seconds`() {
        let histogram = histogram([0.1, 1])
        histogram.observe(.milliseconds(125))
        #expect(histogram.value.sum == 0.125)
        #expect(counts(histogram) == [0, 1, 1])
    }

    @Test func `leaves an infinite bound out, since it is always there`() {
        #expect(HistogramBuckets([1, .infinity]).upperBounds == [1])
        #expect(HistogramBuckets.linear(from: 1, width: 2, count: 3).upperBounds == [1, 3, 5])
        #expect(HistogramBuckets.exponential(from: 1, factor: 2, count: 4).upperBounds == [1, 2, 4, 8])
        #expect(HistogramBuckets.bytes.upperBounds.last == 67_108_864)
    }

    @Test(arguments: [
        HistogramBuckets([2, 1]), [1, 1], [.nan], [1, .infinity, 2], .linear(from: 0, width: 1, count: 256),
    ])
    func `is refused with buckets that make no histogram`(buckets: HistogramBuckets) {
        let histogram = histogram(buckets)
        histogram.observe(1)
        #expect(histogram.value.count == 0)
        #expect(registry.problems.count == 1)
        #expect(throws: MetricRegistryError.self) {
            _ = try registry.register(histogram: "size", help: "Size.", buckets: buckets)
        }
    }

    @Test func `has a series for each combination of label values`() {
        let family = Histogram.Family("wait", help: "Wait.", labels: "queue", buckets: [1], registry: registry)
        family["a"].observe(0.5)
        family["b"].observe(2)
        #expect(counts(family["a"]) == [1, 1])
        #expect(counts(family["b"]) == [0, 1])
    }
}

/// Pseudo-random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
