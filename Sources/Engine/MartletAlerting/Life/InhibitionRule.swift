import MartletCore
public import MartletSeries

/// Alerts that keep others quiet while they fire: Alertmanager's `inhibit_rules`.
public struct InhibitionRule: Hashable, Sendable {
    /// What an alert has to meet to keep others quiet.
    public var sourceMatchers: [LabelMatcher]

    /// What an alert has to meet to be kept quiet.
    public var targetMatchers: [LabelMatcher]

    /// The labels in which both have to agree; one that both lack counts as equal.
    public var equal: [String]

    /// Creates a rule.
    public init(sourceMatchers: [LabelMatcher], targetMatchers: [LabelMatcher], equal: [String] = []) {
        self.sourceMatchers = sourceMatchers
        self.targetMatchers = targetMatchers
        self.equal = equal
    }
}

/// The alerts that keep others quiet at one time, prepared for many questions.
///
/// - Complexity: Preparing takes O(*rules* × *alerts*), a question O(*rules*).
struct Inhibitor {
    private struct Prepared {
        let rule: InhibitionRule
        /// Sources by their values of the equal labels: one that is no target itself, and one that may be.
        var sources: [[String]: (plain: Fingerprint?, both: Fingerprint?)] = [:]
    }

    private var prepared: [Prepared] = []

    /// Looks at alerts that fire.
    init(_ rules: [InhibitionRule], firing: some Sequence<LabelSet>) {
        guard !rules.isEmpty else { return }
        prepared = rules.map { Prepared(rule: $0) }
        for labels in firing {
            for index in prepared.indices {
                let rule = prepared[index].rule
                guard rule.sourceMatchers.allSatisfy({ $0.matches(labels) }) else { continue }
                let key = rule.equal.map { labels[$0] ?? "" }
                let isTarget = rule.targetMatchers.allSatisfy { $0.matches(labels) }
                var entry = prepared[index].sources[key] ?? (nil, nil)
                let fingerprint = Fingerprint(labels)
                if isTarget {
                    entry.both = entry.both ?? fingerprint
                } else {
                    entry.plain = entry.plain ?? fingerprint
                }
                prepared[index].sources[key] = entry
            }
        }
    }

    /// The alerts that keep one quiet, one a rule.
    ///
    /// An alert that is source and target of one rule is not kept quiet by others that are both, itself included.
    func inhibitors(of labels: LabelSet) -> [Fingerprint] {
        prepared.compactMap { entry in
            guard !entry.sources.isEmpty, entry.rule.targetMatchers.allSatisfy({ $0.matches(labels) }),
                let found = entry.sources[entry.rule.equal.map { labels[$0] ?? "" }]
            else { return nil }
            let isSource = entry.rule.sourceMatchers.allSatisfy { $0.matches(labels) }
            return found.plain ?? (isSource ? nil : found.both)
        }
    }
}
