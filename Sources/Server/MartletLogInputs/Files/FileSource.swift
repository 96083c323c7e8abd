public import MartletCore
public import MartletLogFormats

/// Files that are followed, and how their lines are read.
public struct FileSource: Sendable {
    /// The input's name, as it stands in metrics and checkpoints.
    public var name: String

    /// Paths, in whose last part `*` stands for any text.
    public var paths: [String]

    /// How lines are read.
    public var format: LineFormat

    /// Whether indented lines and stacks join the line before.
    public var joinsLines: Bool

    /// Matches the first line of each record; `nil` for the rules of common stacks.
    public var start: (any LinePattern)?

    /// Whether a file that is seen for the first time is read from its end; otherwise from its beginning.
    public var beginsAtEnd: Bool

    /// What is known of where the records come from.
    public var attributes: [Attribute]

    /// Creates a source.
    public init(
        name: String,
        paths: [String],
        format: LineFormat = .automatic,
        joinsLines: Bool = false,
        start: (any LinePattern)? = nil,
        beginsAtEnd: Bool = false,
        attributes: [Attribute] = []
    ) {
        self.name = name
        self.paths = paths
        self.format = format
        self.joinsLines = joinsLines
        self.start = start
        self.beginsAtEnd = beginsAtEnd
        self.attributes = attributes
    }
}
