/// The labels of one series: sorted by name, each name once, no empty value.
///
/// Two sets are equal exactly when they name the same series.
public struct LabelSet: Hashable, Sendable {
    private let labels: [Label]

    /// The set without labels.
    public static let empty = LabelSet(sorted: [])

    /// Creates a set from labels in any order.
    ///
    /// Labels with an empty value are left out. Of labels with one name the last wins.
    ///
    /// - Complexity: O(*n* log *n*); O(*n*) for labels that are sorted already.
    public init(_ labels: some Sequence<Label>) {
        let given = Array(labels)
        var kept = given.count <= Self.fewLabels ? Self.inserted(given) : Self.sorted(given)
        if kept.contains(where: \.value.isEmpty) { kept.removeAll { $0.value.isEmpty } }
        self.labels = kept
    }

    /// Up to how many labels inserting one after the other beats sorting.
    private static let fewLabels = 32

    private static func inserted(_ labels: [Label]) -> [Label] {
        var kept: [Label] = []
        kept.reserveCapacity(labels.count)
        for label in labels {
            var place = kept.endIndex
            while place > 0, kept[place - 1].name > label.name { place -= 1 }
            if place > 0, kept[place - 1].name == label.name {
                kept[place - 1].value = label.value
            } else {
                kept.insert(label, at: place)
            }
        }
        return kept
    }

    private static func sorted(_ labels: [Label]) -> [Label] {
        var kept: [Label] = []
        for label in labels.enumerated().sorted(by: { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) })
            .map(\.element)
        {
            if kept.last?.name == label.name { kept.removeLast() }
            kept.append(label)
        }
        return kept
    }

    /// Creates a set from labels that are sorted by name, without duplicates or empty values.
    ///
    /// - Precondition: The labels are in that form; it is checked in debug builds only.
    public init(sorted labels: [Label]) {
        assert(
            zip(labels, labels.dropFirst()).allSatisfy { $0.name < $1.name } && !labels.contains { $0.value.isEmpty }
        )
        self.labels = labels
    }

    /// The value of the label with that name, or `nil` where there is none.
    ///
    /// - Complexity: O(*n*): sets are small and a scan beats a search.
    public subscript(name: String) -> String? {
        for label in labels where label.name == name { return label.value }
        return nil
    }

    /// The metric's name, the value of `__name__`.
    public var metricName: String? { self[Label.metricName] }

    /// This set with one label replaced or added; an empty value or `nil` removes it.
    public func setting(_ name: String, to value: String?) -> LabelSet {
        var changed = labels
        let place = changed.firstIndex { $0.name >= name } ?? changed.endIndex
        let exists = place < changed.endIndex && changed[place].name == name
        switch (exists, value.flatMap { $0.isEmpty ? nil : $0 }) {
        case (true, let value?): changed[place].value = value
        case (true, nil): changed.remove(at: place)
        case (false, let value?): changed.insert(Label(name, value), at: place)
        case (false, nil): return self
        }
        return LabelSet(sorted: changed)
    }

    /// This set without the labels of those names.
    public func removing(_ names: some Sequence<String>) -> LabelSet {
        // Few names, as nearly always: comparing is cheaper than hashing.
        let gone = Array(names)
        return LabelSet(sorted: labels.filter { !gone.contains($0.name) })
    }

    /// This set with only the labels of those names.
    public func keeping(_ names: some Sequence<String>) -> LabelSet {
        let kept = Array(names)
        return LabelSet(sorted: labels.filter { kept.contains($0.name) })
    }
}

extension LabelSet: RandomAccessCollection {
    /// The place of the first label.
    public var startIndex: Int { labels.startIndex }

    /// The place after the last label.
    public var endIndex: Int { labels.endIndex }

    /// The label at a place; labels are sorted by name.
    public subscript(position: Int) -> Label { labels[position] }
}

extension LabelSet: ExpressibleByDictionaryLiteral {
    /// Creates a set from names and values; of equal names the last wins.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Label($0.0, $0.1) })
    }
}

extension LabelSet: Comparable {
    /// Orders label by label, a shorter set before its continuation.
    public static func < (left: LabelSet, right: LabelSet) -> Bool {
        left.labels.lexicographicallyPrecedes(right.labels)
    }
}

extension LabelSet: CustomStringConvertible {
    /// The set as PromQL writes it: `http_requests_total{code="200", method="get"}`.
    public var description: String {
        let rest = labels.filter { $0.name != Label.metricName }
        let name = metricName ?? ""
        if rest.isEmpty, !name.isEmpty, LabelSyntax.isLegacyMetricName(name) { return name }
        var parts = rest.map { "\(LabelSyntax.quotedIfNeeded($0.name))=\(LabelSyntax.quoted($0.value))" }
        if !name.isEmpty, !LabelSyntax.isLegacyMetricName(name) {
            parts.insert(LabelSyntax.quoted(name), at: 0)
            return "{\(parts.joined(separator: ", "))}"
        }
        return "\(name){\(parts.joined(separator: ", "))}"
    }
}
