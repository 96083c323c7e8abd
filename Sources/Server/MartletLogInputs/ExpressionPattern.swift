public import MartletLogFormats
public import MartletPatterns

/// A line pattern that RE2 runs, in time linear in the line.
public struct ExpressionPattern: LinePattern {
    private let expression: NamedExpression

    /// Wraps an expression with named groups.
    public init(_ expression: NamedExpression) {
        self.expression = expression
    }

    /// The named groups of the first match.
    public func groups(in line: ArraySlice<UInt8>) -> [(name: String, range: Range<Int>)]? {
        expression.groups(in: line)
    }
}
