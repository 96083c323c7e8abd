import MartletCore

/// What one set of traces, such as the slow ones, has more often than another.
public struct TraceSets: Sendable {
    /// A feature that the first set has more often than chance would give it.
    public struct Finding: Hashable, Sendable {
        /// The feature.
        public var feature: TraceFeature
        /// Others that exactly the same traces have; at most ``TraceSets/alikeMax``.
        public var alike: [TraceFeature] = []
        /// How many such others there are.
        public var alikeCount = 0
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

    /// So many features that the same traces have are named with the first of them.
    public static let alikeMax = 20

    /// Below this, a difference may well be chance.
    private static let scoreMin = 3.84

    /// How many traces the first set has.
    public private(set) var first = 0
    /// How many traces the second set has.
    public private(set) var second = 0
    /// How often a feature came that there was no room to count.
    public private(set) var featuresLeftOut = 0

    /// How many traces of either set have a feature, and which: a sum over their numbers' hashes.
    private struct Count {
        var first = 0
        var second = 0
        var signature: UInt64 = 0
    }

    private struct Group: Hashable {
        var first: Int
        var second: Int
        var signature: UInt64
    }

    private var counts: [TraceFeature: Count] = [:]

    /// Creates two empty sets.
    public init() {}

    /// Adds a trace.
    ///
    /// - Parameters:
    ///   - features: What can be said of it.
    ///   - isFirst: Whether it belongs to the first set.
    public mutating func add(_ features: Set<TraceFeature>, isFirst: Bool) {
        if isFirst { first += 1 } else { second += 1 }
        let hash = Self.mixed(UInt64(first + second))
        for feature in features {
            guard counts[feature] != nil || counts.count < Self.featuresMax else {
                featuresLeftOut += 1
                continue
            }
            counts[feature, default: Count()].first += isFirst ? 1 : 0
            counts[feature, default: Count()].second += isFirst ? 0 : 1
            counts[feature, default: Count()].signature &+= hash
        }
    }

    /// A number's bits spread out, after SplitMix64.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// What the first set has more often, the surest first.
    ///
    /// A feature needs two traces of the first set, and a difference that chance gives less than once in 20 times.
    /// Features that exactly the same traces have are one finding.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The findings; none while a set is empty.
    public func findings(limit: Int = 100) -> [Finding] {
        guard first > 0, second > 0 else { return [] }
        var groups: [Group: [TraceFeature]] = [:]
        for (feature, count) in counts where count.first >= 2 {
            // More often than in the second set, in whole numbers.
            guard count.first * second > count.second * first else { continue }
            let group = Group(first: count.first, second: count.second, signature: count.signature)
            groups[group, default: []].append(feature)
        }
        var findings: [Finding] = []
        for (group, features) in groups {
            let score = likelihoodRatio(group.first, group.second)
            guard score >= Self.scoreMin else { continue }
            let sorted = features.sorted { ($0.key, $0.value) < ($1.key, $1.value) }
            let (share, other) = (Double(group.first) / Double(first), Double(group.second) / Double(second))
            findings.append(
                Finding(
                    feature: sorted[0],
                    alike: Array(sorted.dropFirst().prefix(Self.alikeMax)),
                    alikeCount: sorted.count - 1,
                    first: group.first,
                    second: group.second,
                    lift: group.second > 0 ? share / other : nil,
                    score: score
                )
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
