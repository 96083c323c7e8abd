import CYAML

/// Reads YAML 1.1 texts, as configuration files are written.
///
/// Aliases are replaced by what they stand for and `<<` merges mappings; both are bounded by the number of nodes that
/// the whole document has after it. Keys are scalars, and one key twice in a mapping is an error.
///
/// - SeeAlso: [YAML 1.1](https://yaml.org/spec/1.1/)
public enum YAMLParser {
    /// How large a document may be.
    public struct Limits: Sendable {
        /// The text's length, in bytes.
        public var documentBytesMax = 16 << 20
        /// The nodes, aliases counted as what they stand for.
        public var nodesMax = 1_000_000
        /// How deep lists and mappings nest.
        public var depthMax = 100

        /// Creates the limits that a configuration file has: 16 MiB, a million nodes, 100 levels.
        public init() {}
    }

    /// Reads one document.
    ///
    /// An empty text is a null scalar at 1:1.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limits: How large the document may be.
    /// - Returns: The document's root.
    /// - Throws: ``YAMLError`` with the place of what is wrong, or of what exceeds a limit.
    /// - Complexity: O(*n*) in the text's length plus the nodes that aliases stand for.
    public static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        let count = text.utf8.count
        guard count <= limits.documentBytesMax else {
            throw YAMLError(
                "document has \(count) bytes, more than the limit of \(limits.documentBytesMax)",
                at: YAMLMark(line: 1, column: 1)
            )
        }
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(YAMLError) in
                var composer = unsafe YAMLComposer(YAMLEventReader(bytes), limits: limits)
                return try composer.document()
            }
        }
        return try result.get()
    }
}
