import MartletMetrics
import MartletTestKit
import Testing

@Suite("ExponentialHistogram")
struct ExponentialHistogramTests {
    let registry = MetricRegistry { _ in }

    private func native(_ histogram: borrowing ExponentialHistogram) -> NativeHistogramValue {
        histogram.value.native ?? NativeHistogramValue(schema: 99)
    }

    /// The bounds and counts of all positive buckets that are not empty.
    private func buckets(_ value: NativeHistogramValue) -> [Int: Double] {
        var found: [Int: Double] = [:]
        var index = 0
        var counts = value.positiveCounts[...]
        for span in value.positiveSpans {
            index += Int(span.offset)
            for _ in 0..<span.length {
                if let count = counts.popFirst(), count > 0 { found[index] = count }
                index += 1
            }
        }
        return found
    }

    @Test func `counts powers of two in the buckets that end with them`() {
        let histogram = ExponentialHistogram("size", help: "Size.", schema: 0, registry: registry)
        for value in [1, 2, 2.5, 4, 8, 0.5, 0.75] { histogram.observe(value) }
        #expect(buckets(native(histogram)) == [-1: 1, 0: 2, 1: 1, 2: 2, 3: 1])
        #expect(histogram.value.count == 7)
        #expect(histogram.value.sum == 18.75)
    }

    @Test(arguments: [Int32(-4), -1, 0, 3, 8])
    func `puts each value between the bounds of its bucket`(schema: Int32) {
        var generator = SplitMix(seed: 11)
        for round in 0..<300 {
            let histogram = ExponentialHistogram(
                "size_\(round)",
                help: "Size.",
                schema: schema,
                zeroThreshold: 0,
                registry: MetricRegistry()
            )
            let value = Double(bitPattern: generator.next() & 0x7FEF_FFFF_FFFF_FFFF)
            guard value > 1e-300, value < 1e300 else { continue }
            histogram.observe(value)
            let index = buckets(native(histogram)).keys.first ?? .max
            let width = exponent(1, schema)
            let upper = Double(index) * width
            let power = logarithm(value)
            #expect(power <= upper + 1e-9 && power > upper - width - 1e-9, "seed 11 value \(value)")
        }
    }

    private func exponent(_ index: Int, _ schema: Int32) -> Double {
        schema >= 0 ? Double(index) / Double(1 << Int(schema)) : Double(index) * Double(1 << Int(-schema))
    }

    private func logarithm(_ value: Double) -> Double {
        // By halving intervals, so that it does not share the library's arithmetic.
        var (result, rest, step) = (Double(value.exponent), value.significand, 1.0)
        for _ in 0..<50 {
            rest *= rest
            step /= 2
            if rest >= 2 {
                rest /= 2
                result += step
            }
        }
        return result
    }

    @Test func `gets coarser as values spread, and loses none`() {
        let histogram = ExponentialHistogram("size", help: "Size.", bucketsMax: 160, registry: registry)
        for step in 0..<1000 { histogram.observe(1 + Double(step) / 1000) }
        let fine = native(histogram).schema
        for power in -100..<100 { histogram.observe(sign(power) * 1e3 * Double(1 << (abs(power) % 40))) }
        histogram.observe(1e-200)
        histogram.observe(1e200)
        let value = native(histogram)
        #expect(fine == 7)
        #expect(value.schema < 0)
        let total = value.positiveCounts.reduce(0, +) + value.negativeCounts.reduce(0, +) + value.zeroCount
        #expect(total == 1202)
        #expect(histogram.value.count == 1202)
        #expect(value.positiveCounts.count <= 160)
    }

    private func sign(_ number: Int) -> Double { number < 0 ? -1 : 1 }

    @Test func `counts zeros apart, and takes the extremes`() {
        let histogram = ExponentialHistogram("size", help: "Size.", zeroThreshold: 0.001, registry: registry)
        for value in [0, -0.0, 0.001, -0.0005] { histogram.observe(value) }
        #expect(native(histogram).zeroCount == 4)
        for value in [Double.infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
            histogram.observe(value)
        }
        histogram.observe(.nan)
        #expect(histogram.value.count == 8)
        #expect(native(histogram).zeroCount == 5)
        #expect(MetricProbe(registry).value("martlet_metric_calls_refused_total") == 1)
    }

    @Test func `refuses settings that cannot be`() {
        for (name, histogram) in ["a", "b", "c"].enumerated() {
            let bad = ExponentialHistogram(
                histogram,
                help: "Size.",
                schema: name == 0 ? 9 : 8,
                bucketsMax: name == 1 ? 10 : 160,
                zeroThreshold: name == 2 ? -1 : 0,
                registry: registry
            )
            #expect(throws: MetricRegistryError.self) { try registry.register(bad) }
            bad.observe(1)
        }
        #expect(registry.problems.count == 3)
        #expect(registry.names.isEmpty)
    }
}
