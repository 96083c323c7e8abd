import MartletCore
import MartletSeries
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Native histograms as the HTTP API of Prometheus writes them: count, sum and the buckets that hold anything.
///
/// A bucket is `[boundaries, lower, upper, count]`, where boundaries say which bounds belong to it: 0 the upper, 1 the
/// lower, 2 neither, 3 both.
enum HistogramText {
    /// Appends a histogram as a JSON object.
    static func append(_ histogram: NativeHistogram, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"count\":\"".utf8)
        FloatText.append(histogram.count, to: &bytes)
        bytes.append(contentsOf: "\",\"sum\":\"".utf8)
        FloatText.append(histogram.sum, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        var isFirst = true
        forEachBucket(of: histogram) { boundaries, lower, upper, count in
            bytes.append(contentsOf: (isFirst ? ",\"buckets\":[[" : ",[").utf8)
            isFirst = false
            FloatText.append(UInt64(boundaries), to: &bytes)
            for number in [lower, upper, count] {
                bytes.append(contentsOf: ",\"".utf8)
                FloatText.append(number, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(contentsOf: (isFirst ? "}" : "]}").utf8)
    }

    /// The buckets that hold anything, from the lowest on.
    static func forEachBucket(
        of histogram: NativeHistogram,
        _ body: (_ boundaries: Int, _ lower: Double, _ upper: Double, _ count: Double) -> Void
    ) {
        let negative = indices(histogram.negativeSpans)
        for (index, count) in zip(negative, histogram.negativeBuckets).reversed() where count != 0 {
            body(1, -bound(histogram, index), -bound(histogram, index - 1), count)
        }
        if histogram.zeroCount != 0 {
            body(3, -histogram.zeroThreshold, histogram.zeroThreshold, histogram.zeroCount)
        }
        for (index, count) in zip(indices(histogram.positiveSpans), histogram.positiveBuckets) where count != 0 {
            body(0, bound(histogram, index - 1), bound(histogram, index), count)
        }
    }

    private static func indices(_ spans: [NativeHistogram.Span]) -> [Int32] {
        var next: Int32 = 0
        return spans.flatMap { span in
            let first = next &+ span.offset
            next = first &+ Int32(clamping: span.length)
            return Array(first..<max(first, next))
        }
    }

    /// The upper bound of the bucket with an index.
    static func bound(_ histogram: NativeHistogram, _ index: Int32) -> Double {
        if histogram.schema == NativeHistogram.customSchema {
            if index < 0 { return -.infinity }
            return Int(index) < histogram.customBounds.count ? histogram.customBounds[Int(index)] : .infinity
        }
        if histogram.schema <= 0 {
            let exponent = Int(index) << Int(-histogram.schema)
            return exponent > 1024 ? .infinity : power(of: exponent, fraction: 1)
        }
        let steps = 1 << Int(histogram.schema)
        let (exponent, place) = Int(index).quotientAndFloorRemainder(by: steps)
        if exponent > 1024 || exponent == 1024 && place > 0 { return .infinity }
        return power(of: exponent, fraction: Exponential.roots(schema: Int(histogram.schema))[place])
    }

    /// `fraction · 2^exponent`; the greatest number in place of 2^1024, which no observation but +Inf exceeds.
    private static func power(of exponent: Int, fraction: Double) -> Double {
        if exponent == 1024, fraction == 1 { return .greatestFiniteMagnitude }
        return Double(sign: .plus, exponent: exponent, significand: fraction)
    }

    /// The bounds within one power of two.
    private enum Exponential {
        /// `2^(i/2^schema)` for each `i` below `2^schema`.
        static func roots(schema: Int) -> [Double] { tables[min(max(schema, 0), 8)] }

        private static let tables: [[Double]] = (0...8).map { schema in
            (0..<(1 << schema)).map { exp2(Double($0) / Double(1 << schema)) }
        }
    }
}

extension Int {
    /// The quotient rounded down and the remainder from 0 on.
    fileprivate func quotientAndFloorRemainder(by divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
