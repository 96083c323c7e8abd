/// Quantiles of numbers and of classic histograms' buckets.
enum Quantile {
    /// The value below which a share of the numbers fall, between the two nearest ones by weight; NaN sorts first.
    static func of(_ values: [Double], share: Double) -> Double {
        if values.isEmpty || share.isNaN { return .nan }
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let rank = share * Double(sorted.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(sorted.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return sorted[lower] * (1 - weight) + sorted[upper] * weight
    }
}

/// The buckets of a classic histogram at one time: how many observations are at most each bound.
struct ClassicBuckets {
    struct Bucket {
        var upperBound: Double
        var count: Double
    }

    private var buckets: [Bucket]

    /// Whether a count was less than that of a lower bound, beyond rounding errors.
    private(set) var isForcedMonotonic = false

    /// Sorts, adds up buckets of one bound, and mends counts that fall.
    init(_ buckets: [Bucket]) {
        self.buckets = []
        for bucket in buckets.sorted(by: { $0.upperBound < $1.upperBound }) {
            if let last = self.buckets.last, last.upperBound == bucket.upperBound {
                self.buckets[self.buckets.count - 1].count += bucket.count
            } else {
                self.buckets.append(bucket)
            }
        }
        mendPrecision()
        mendMonotonicity()
    }

    /// Takes differences of at most a trillionth for rounding errors.
    private mutating func mendPrecision() {
        guard var last = buckets.first?.count else { return }
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == last { continue }
            if abs(count - last) / count <= 1e-12 {
                buckets[index].count = last
            } else {
                last = count
            }
        }
    }

    private mutating func mendMonotonicity() {
        guard var highest = buckets.first?.count else { return }
        for index in buckets.indices.dropFirst() {
            if buckets[index].count > highest {
                highest = buckets[index].count
            } else if buckets[index].count < highest {
                buckets[index].count = highest
                isForcedMonotonic = true
            }
        }
    }

    private var isComplete: Bool { buckets.last?.upperBound == .infinity }

    /// The value below which a share of the observations fall, by linear interpolation inside a bucket.
    ///
    /// The lowest bucket starts at zero where its bound is above; an answer in the highest bucket is its lower bound.
    func quantile(_ share: Double) -> Double {
        if share.isNaN { return .nan }
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        guard isComplete, buckets.count >= 2, let total = buckets.last?.count, total != 0, !total.isNaN else {
            return .nan
        }
        let rank = share * total
        let place = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        if place == buckets.count - 1 { return buckets[place - 1].upperBound }
        let bucket = buckets[place]
        if place == 0 {
            return bucket.upperBound <= 0 ? bucket.upperBound : bucket.upperBound * (rank / bucket.count)
        }
        let below = buckets[place - 1]
        let width = bucket.upperBound - below.upperBound
        return below.upperBound + width * ((rank - below.count) / (bucket.count - below.count))
    }

    /// The share of the observations between two values, by linear interpolation inside a bucket.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        guard isComplete, let total = buckets.last?.count, total != 0, !lower.isNaN, !upper.isNaN, !total.isNaN else {
            return .nan
        }
        if lower >= upper { return 0 }
        return (rank(of: upper, total) - rank(of: lower, total)) / total
    }

    /// How many observations are at most a value.
    private func rank(of value: Double, _ total: Double) -> Double {
        var below = 0.0
        var start = (buckets.first?.upperBound ?? 0) > 0 ? 0 : -Double.infinity
        for bucket in buckets {
            if start >= value { return below }
            if value < bucket.upperBound {
                // Of a bucket without a lower end nothing is known but that all is below its upper end.
                if start == -.infinity { return bucket.count }
                if bucket.upperBound == .infinity { return below }
                return below + (bucket.count - below) * (value - start) / (bucket.upperBound - start)
            }
            below = bucket.count
            start = bucket.upperBound
        }
        return total
    }
}
