/// What is made of the events that were found.
public enum SearchStage: Hashable, Sendable {
    /// How many there are by the values of some fields: `count by (component, level)`.
    case count(by: [SearchField])

    /// The most frequent values of a field: `top 10 user`.
    case top(Int, SearchField)

    /// How many there are in each stretch of time, in nanoseconds: `histogram 1m`.
    case histogram(Int64, by: SearchField?)

    /// What the texts have in common: `patterns 20`.
    case patterns(Int)
}
