/// The labels of a ``TypedFamily``: one enumeration, or two; only the library conforms to it.
public protocol LabelCombination: Sendable {
    /// The label values of all series in the order of their cells; `nil` where the cases can't be numbered.
    static var _values: [[String]]? { get }

    /// How many series there are for each case of the first label.
    static var _width: Int { get }
}

/// One label whose values are those of an enumeration.
public enum OneLabel<First: LabelValue>: LabelCombination {
    /// The values, one a series; only the library calls it.
    public static var _values: [[String]]? { First.isIndexed ? First.allCases.map { [$0.labelText] } : nil }

    /// One series a case.
    public static var _width: Int { 1 }
}

/// Two labels whose values are those of enumerations.
public enum TwoLabels<First: LabelValue, Second: LabelValue>: LabelCombination {
    /// The pairs of values, one a series; only the library calls it.
    public static var _values: [[String]]? {
        First.isIndexed && Second.isIndexed
            ? First.allCases.flatMap { first in Second.allCases.map { [first.labelText, $0.labelText] } } : nil
    }

    /// As many series as the second label has cases.
    public static var _width: Int { Second.allCases.count }
}
