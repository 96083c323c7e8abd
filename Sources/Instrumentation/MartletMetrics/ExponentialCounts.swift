#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Neighbouring exponential buckets of one sign: a window of fixed length over the indices in use.
struct ExponentialCounts {
    private(set) var counts: [UInt64]
    /// The index of the bucket that `counts` begins with; means nothing while empty.
    private(set) var first = 0
    private(set) var used = 0

    init(capacity: Int) {
        counts = Array(repeating: 0, count: capacity)
    }

    /// Whether a bucket fits beside those in use.
    func fits(_ index: Int) -> Bool {
        used == 0 || max(first + used - 1, index) - min(first, index) < counts.count
    }

    mutating func add(_ index: Int, _ amount: UInt64) {
        if used == 0 {
            first = index
            used = 1
        } else if index < first {
            let shift = first - index
            for place in stride(from: used - 1, through: 0, by: -1) { counts[place + shift] = counts[place] }
            for place in 0..<shift { counts[place] = 0 }
            first = index
            used += shift
        } else if index >= first + used {
            used = index - first + 1
        }
        counts[index - first] += amount
    }

    /// Joins each two neighbours: half the resolution, half the length.
    mutating func halve() {
        guard used > 0 else { return }
        let old = counts
        let (start, length) = (first, used)
        for place in counts.indices { counts[place] = 0 }
        used = 0
        for place in 0..<length where old[place] > 0 {
            // The bucket of index i covers up to base^i: indices 2j-1 and 2j become j.
            add((start + place + 1) >> 1, old[place])
        }
    }

    /// The buckets in use as sparse runs; a gap of up to two empty buckets is cheaper written out.
    var spans: (spans: [NativeHistogramValue.Span], counts: [Double]) {
        var spans: [NativeHistogramValue.Span] = []
        var values: [Double] = []
        var end = 0
        for place in 0..<used where counts[place] > 0 {
            let index = first + place
            if let last = spans.indices.last, index - end <= 2 {
                for _ in end..<index { values.append(0) }
                spans[last].length += UInt32(index - end) + 1
            } else {
                spans.append(.init(offset: Int32(spans.isEmpty ? index : index - end), length: 1))
            }
            values.append(Double(counts[place]))
            end = index + 1
        }
        return (spans, values)
    }

    /// The index of the bucket that a positive value belongs to: the least `i` with `value <= 2^(i / 2^schema)`.
    static func index(of value: Double, schema: Int32) -> Int {
        // Exact: the mantissa in 1/2...1 and its exponent, then the bounds within a power of two, which are few enough to
        // be compared with one by one in a search.
        let exponent = Int(value.exponent) + 1
        let mantissa = value.significand / 2
        if schema > 0 {
            let bounds = ExponentialCounts.bounds[Int(schema)]
            var (low, high) = (0, bounds.count)
            while low < high {
                let middle = (low + high) / 2
                if mantissa > bounds[middle] { low = middle + 1 } else { high = middle }
            }
            return low + (exponent - 1) << Int(schema)
        }
        let power = mantissa == 0.5 ? exponent - 1 : exponent
        let width = 1 << Int(-schema)
        return (power + width - 1) >> Int(-schema)
    }

    /// For each schema above 0 the bounds from 1/2 up, below 1.
    private static let bounds: [[Double]] = (0...8).map { schema in
        (0..<(1 << schema)).map { exp2(Double($0) / Double(1 << schema)) / 2 }
    }
}
