/// The families of a pack, in one list that collectors, instruments and the catalogue share.
public struct PackDefinition: Sendable {
    /// What the pack is called, such as `Process pack`.
    public var title: String

    /// The labels that all series of the pack carry.
    public var labels: [String]

    /// Where the numbers come from and what may be missing, a few sentences.
    public var about: String

    /// The families, in the order in which a reader wants them.
    public var families: [PackFamily]

    private let places: [String: Int]

    /// Creates a pack.
    ///
    /// - Precondition: No two families have the same name.
    public init(_ title: String, labels: [String] = [], about: String, families: [PackFamily]) {
        self.title = title
        self.labels = labels
        self.about = about
        self.families = families
        places = Dictionary(uniqueKeysWithValues: families.indices.map { (families[$0].name, $0) })
    }

    /// The family of that name, `nil` where the pack has none.
    public subscript(name: String) -> PackFamily? {
        places[name].map { families[$0] }
    }
}
