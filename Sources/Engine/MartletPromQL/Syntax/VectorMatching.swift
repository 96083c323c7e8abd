/// How the elements of two vectors find each other.
public struct VectorMatching: Hashable, Sendable {
    /// How many elements of one side may match one of the other.
    public enum Cardinality: Hashable, Sendable {
        /// One on both sides.
        case oneToOne
        /// Many on the left: `group_left`.
        case manyToOne
        /// Many on the right: `group_right`.
        case oneToMany
    }

    /// How many elements match how many.
    public var cardinality = Cardinality.oneToOne

    /// Whether only the named labels count (`on`) rather than all but them (`ignoring`).
    public var isOn = false

    /// Whether `on` or `ignoring` was written.
    public var isExplicit = false

    /// The labels of `on` or `ignoring`.
    public var labels: [String] = []

    /// The labels copied from the one side to the many side.
    public var included: [String] = []

    /// What stands in for a missing element of the left side.
    public var fillLeft: Double?

    /// What stands in for a missing element of the right side.
    public var fillRight: Double?
}
