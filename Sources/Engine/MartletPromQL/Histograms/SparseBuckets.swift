import MartletSeries

/// The counts of a histogram's buckets by their index, with the rounding errors of additions.
struct SparseBuckets {
    /// Strictly ascending.
    private(set) var indices: [Int32] = []
    private(set) var counts: [Double] = []
    private var errors: [Double] = []

    init() {}

    init(spans: [NativeHistogram.Span], counts: [Double]) {
        self.counts = counts
        errors = [Double](repeating: 0, count: counts.count)
        indices.reserveCapacity(counts.count)
        var next: Int32 = 0
        for span in spans {
            next &+= span.offset
            for _ in 0..<span.length {
                indices.append(next)
                next &+= 1
            }
        }
    }

    var isEmpty: Bool { indices.isEmpty }

    /// The counts with their rounding errors added, those of empty buckets left out, as spans.
    func packed() -> (spans: [NativeHistogram.Span], counts: [Double]) {
        var spans: [NativeHistogram.Span] = []
        var kept: [Double] = []
        var next: Int32 = 0
        for place in indices.indices {
            let count = total(place)
            if count == 0 { continue }
            let index = indices[place]
            if !spans.isEmpty, index == next {
                spans[spans.count - 1].length += 1
            } else {
                spans.append(NativeHistogram.Span(offset: index &- next, length: 1))
            }
            next = index &+ 1
            kept.append(count)
        }
        return (spans, kept)
    }

    private func total(_ place: Int) -> Double {
        CompensatedSum(counts[place], compensation: errors[place]).value
    }

    /// Adds a count to the bucket of an index that is not below the last one.
    mutating func append(_ index: Int32, _ count: Double) {
        if indices.last == index {
            add(count, at: indices.count - 1)
        } else {
            indices.append(index)
            counts.append(count)
            errors.append(0)
        }
    }

    private mutating func add(_ count: Double, at place: Int) {
        var sum = CompensatedSum(counts[place], compensation: errors[place])
        sum.add(count)
        counts[place] = sum.sum
        errors[place] = sum.compensation
    }

    /// Adds another histogram's buckets, each times a factor.
    ///
    /// - Complexity: O(buckets of both).
    mutating func add(_ other: SparseBuckets, times factor: Double) {
        if other.indices == indices {
            for place in other.indices.indices { add(other.total(place) * factor, at: place) }
            return
        }
        var result = SparseBuckets()
        var (left, right) = (0, 0)
        while left < indices.count || right < other.indices.count {
            if right == other.indices.count || (left < indices.count && indices[left] <= other.indices[right]) {
                result.append(indices[left], counts[left])
                result.errors[result.errors.count - 1] = errors[left]
                left += 1
                if right < other.indices.count, other.indices[right] == indices[left - 1] {
                    result.append(other.indices[right], other.total(right) * factor)
                    right += 1
                }
            } else {
                result.append(other.indices[right], other.total(right) * factor)
                right += 1
            }
        }
        self = result
    }

    /// Changes every count.
    mutating func scale(_ change: (Double) -> Double) {
        for place in counts.indices {
            counts[place] = change(total(place))
            errors[place] = 0
        }
    }

    /// The buckets with their indices changed by a function that does not fall.
    func mapped(_ change: (Int32) -> Int32) -> SparseBuckets {
        var result = SparseBuckets()
        for place in indices.indices { result.append(change(indices[place]), total(place)) }
        return result
    }

    /// The buckets at a coarser resolution.
    func reduced(from schema: Int32, to target: Int32) -> SparseBuckets {
        schema == target ? self : mapped { (($0 &- 1) >> (schema - target)) &+ 1 }
    }

    mutating func removeAll(where isGone: (Int32) -> Bool) {
        guard indices.contains(where: isGone) else { return }
        var result = SparseBuckets()
        for place in indices.indices where !isGone(indices[place]) { result.append(indices[place], total(place)) }
        self = result
    }

    /// Whether any bucket of an earlier histogram holds more than the same bucket here.
    func hasDecrease(since earlier: SparseBuckets) -> Bool {
        var place = 0
        for other in earlier.indices.indices {
            while place < indices.count, indices[place] < earlier.indices[other] { place += 1 }
            let isThere = place < indices.count && indices[place] == earlier.indices[other]
            if (isThere ? counts[place] : 0) < earlier.counts[other] { return true }
        }
        return false
    }
}
