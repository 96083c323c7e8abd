/// A function's application.
public struct FunctionCall: Hashable, Sendable {
    /// The function.
    public var function: FunctionSignature

    /// The arguments.
    public var arguments: [Expression]

    /// Where it stands.
    public var sourceRange: SourceRange
}
