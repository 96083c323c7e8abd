import MartletCore

/// What one set of traces, such as the slow ones, has more often than another.
public struct TraceSets: Sendable {
    /// A feature that the first set has more often than chance would give it.
    public struct Finding: Hashable, Sendable {
        /// The feature.
        public var feature: TraceFeature
        /// How many traces of the first set have it.
        public var first: Int
        /// How many traces of the second set have it.
        public var second: Int
        /// How many times the share in the second set the share in the first is; `nil` where the second has none.
        public var lift: Double?
        /// How unlikely chance is: the likelihood ratio G², of which chance gives 3.84 once in 20 times.
        public var score: Double
    }

    /// So many features are counted; ``featuresLeftOut`` tells how often more came.
    public static let featuresMax = 100_000

    /// Below this, a difference may well be chance.
    private static let scoreMin = 3.84

    /// How many traces the first set has.
    public private(set) var first = 0
    /// How many traces the second set has.
    public private(set) var second = 0
    /// How often a feature came that there was no room to count.
    public private(set) var featuresLeftOut = 0

    private var counts: [TraceFeature: (first: Int, second: Int)] = [:]

    /// Creates two empty sets.
    public init() {}

    /// Adds a trace.
    ///
    /// - Parameters:
    ///   - features: What can be said of it.
    ///   - isFirst: Whether it belongs to the first set.
    public mutating func add(_ features: Set<TraceFeature>, isFirst: Bool) {
        if isFirst { first += 1 } else { second += 1 }
        for feature in features {
            guard counts[feature] != nil || counts.count < Self.featuresMax else {
                featuresLeftOut += 1
                continue
            }
            if isFirst { counts[feature, default: (0, 0)].first += 1 } else { counts[feature, default: (0, 0)].second += 1 }
        }
    }

    /// What the first set has more often, the surest first.
    ///
    /// A feature needs two traces of the first set, and a difference that chance gives less than once in 20 times.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The findings; none while a set is empty.
    public func findings(limit: Int = 100) -> [Finding] {
        guard first > 0, second > 0 else { return [] }
        var findings: [Finding] = []
        for (feature, count) in counts where count.first >= 2 {
            let (share, other) = (Double(count.first) / Double(first), Double(count.second) / Double(second))
            guard share > other else { continue }
            let score = likelihoodRatio(count.first, count.second)
            guard score >= Self.scoreMin else { continue }
            let lift = count.second > 0 ? share / other : nil
            findings.append(
                Finding(feature: feature, first: count.first, second: count.second, lift: lift, score: score)
            )
        }
        findings.sort {
            ($1.score, $0.feature.key, $0.feature.value) < ($0.score, $1.feature.key, $1.feature.value)
        }
        return Array(findings.prefix(max(0, limit)))
    }

    /// G² of the table of having and lacking a feature in either set.
    private func likelihoodRatio(_ inFirst: Int, _ inSecond: Int) -> Double {
        let all = Double(first + second)
        let having = Double(inFirst + inSecond)
        func cell(_ observed: Int, _ row: Double, _ column: Int) -> Double {
            guard observed > 0, row > 0 else { return 0 }
            return Double(observed) * Logarithm.natural(Double(observed) * all / (row * Double(column)))
        }
        return 2
            * (cell(inFirst, having, first) + cell(inSecond, having, second)
                + cell(first - inFirst, all - having, first) + cell(second - inSecond, all - having, second))
    }

    /// The border between the slow and the fast where nobody names one: what the slowest tenth took at least.
    ///
    /// - Parameter durations: How long the traces took.
    /// - Returns: The duration from which on a trace counts as slow, `nil` for no traces.
    public static func border(of durations: [Int64]) -> Int64? {
        guard !durations.isEmpty else { return nil }
        let sorted = durations.sorted()
        return sorted[max(0, sorted.count - max(1, sorted.count / 10))]
    }
}
