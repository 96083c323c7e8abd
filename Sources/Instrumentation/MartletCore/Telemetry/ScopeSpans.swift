/// The spans that were made with one library.
public struct ScopeSpans: Hashable, Sendable {
    /// The library.
    public var scope: InstrumentationScope

    /// The spans.
    public var spans: [FinishedSpan]

    /// The schema of the spans' attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the spans of a library.
    public init(
        scope: InstrumentationScope = InstrumentationScope(),
        spans: [FinishedSpan] = [],
        schemaURL: String = ""
    ) {
        self.scope = scope
        self.spans = spans
        self.schemaURL = schemaURL
    }
}
