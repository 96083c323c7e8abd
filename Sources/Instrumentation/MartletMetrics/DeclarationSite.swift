/// Where in the source a metric was declared.
public struct DeclarationSite: Hashable, Sendable, CustomStringConvertible {
    /// The module and file, such as `Shop/Orders.swift`.
    public var file: String

    /// The line.
    public var line: UInt

    /// Creates a site.
    public init(file: String, line: UInt) {
        self.file = file
        self.line = line
    }

    /// The site as compilers write it: `Shop/Orders.swift:12`.
    public var description: String { "\(file):\(line)" }
}
