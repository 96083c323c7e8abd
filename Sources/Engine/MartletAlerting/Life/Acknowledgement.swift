/// Somebody has seen an alert and deals with it: it is told no more, and goes up no further level, until it ends.
public struct Acknowledgement: Hashable, Sendable {
    /// Who.
    public var by: String

    /// When, in milliseconds since the epoch.
    public var at: Int64

    /// What they say.
    public var comment: String

    /// Creates an acknowledgement.
    public init(by: String, at: Int64, comment: String = "") {
        self.by = by
        self.at = at
        self.comment = comment
    }
}
