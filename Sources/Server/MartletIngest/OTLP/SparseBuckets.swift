import MartletOTLP
import MartletSeries

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The populated buckets of one sign, by their native index, ascending.
struct SparseBuckets {
    private var indices: [Int32] = []
    private var counts: [Double] = []

    /// A gap of up to this many empty buckets is cheaper than another span.
    private static let gapMax: Int32 = 2

    init() {}

    /// The buckets of an exponential histogram, at a resolution coarser by some steps.
    init(_ buckets: ExponentialHistogramPoint.Buckets, shift: Int32) {
        for (place, count) in buckets.counts.enumerated() where count > 0 {
            // An index beyond 32 bits cannot be a number; the last bucket takes it.
            let index = Int32(clamping: Int64(buckets.offset) + Int64(place)) >> min(shift, 31)
            add(index &+ 1, Double(count))
        }
    }

    /// Adds to a bucket.
    mutating func add(_ index: Int32, _ count: Double) {
        if let last = indices.last {
            if last == index {
                counts[counts.count - 1] += count
                return
            }
            if last > index {
                let place = indices.firstIndex { $0 >= index } ?? indices.endIndex
                if indices[place] == index {
                    counts[place] += count
                } else {
                    indices.insert(index, at: place)
                    counts.insert(count, at: place)
                }
                return
            }
        }
        indices.append(index)
        counts.append(count)
    }

    /// Adds the buckets of a native histogram, at a resolution coarser by some steps.
    mutating func add(_ spans: [NativeHistogram.Span], _ values: [Double], shift: Int32) {
        var index: Int32 = 0
        var place = 0
        for span in spans {
            index &+= span.offset
            for _ in 0..<span.length {
                // Bucket i covers up to 2^(i·2^-schema): halving the resolution halves the index, rounded up.
                if values[place] != 0 { add(((index &- 1) >> shift) &+ 1, values[place]) }
                place += 1
                index &+= 1
            }
        }
    }

    /// The buckets as runs; short gaps are filled with empty ones.
    var layout: (spans: [NativeHistogram.Span], counts: [Double]) {
        var spans: [NativeHistogram.Span] = []
        var values: [Double] = []
        var next: Int32 = 0
        for (index, count) in zip(indices, counts) {
            let gap = index &- next
            if !spans.isEmpty, gap <= Self.gapMax {
                spans[spans.count - 1].length += UInt32(gap) + 1
                values += repeatElement(0, count: Int(gap))
            } else {
                spans.append(.init(offset: gap, length: 1))
            }
            values.append(count)
            next = index &+ 1
        }
        return (spans, values)
    }

    /// A threshold that cuts no populated bucket, at least the one given.
    func widened(_ threshold: Double, _ schema: Int32) -> Double {
        var threshold = threshold
        for index in indices {
            let (lower, upper) = (Self.bound(index &- 1, schema), Self.bound(index, schema))
            if lower < threshold, threshold < upper { threshold = upper }
        }
        return threshold
    }

    /// Removes the buckets up to a threshold, and says how many observations they held.
    mutating func removeBuckets(within threshold: Double, _ schema: Int32) -> Double {
        let count = indices.prefix { Self.bound($0, schema) <= threshold }.count
        defer {
            indices.removeFirst(count)
            counts.removeFirst(count)
        }
        return counts.prefix(count).reduce(0, +)
    }

    /// The upper bound of a bucket.
    private static func bound(_ index: Int32, _ schema: Int32) -> Double {
        exp2(Double(index) * exp2(-Double(schema)))
    }
}
