import MartletCore

/// The smallest piece of a query that has a meaning.
struct Token {
    enum Kind: Equatable {
        case endOfInput
        case comma, colon
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case at, equal, matches, doesNotMatch
        case string, number, duration
        case identifier, metricIdentifier
        case operation(BinaryOperator)
        case aggregator(Aggregator)
        case keyword(Keyword)
    }

    /// Words that mean something in some places only; everywhere else they are names.
    enum Keyword: String {
        case anchored, bool, by, end, fill, ignoring, offset, on, range, smoothed, start, step, without
        case fillLeft = "fill_left"
        case fillRight = "fill_right"
        case groupLeft = "group_left"
        case groupRight = "group_right"
    }

    var kind: Kind
    var text: String
    var range: SourceRange

    /// The token as Prometheus names it in an error.
    var named: String {
        switch kind {
        case .endOfInput: "end of input"
        case .string: "string \(shortened)"
        case .number: "number \(shortened)"
        case .duration: "duration \(shortened)"
        case .identifier: "identifier \(LabelSyntax.quoted(text))"
        case .metricIdentifier: "metric identifier \(LabelSyntax.quoted(text))"
        case .operation, .at, .matches, .doesNotMatch: "<op:\(text)>"
        case .aggregator: "<aggr:\(text)>"
        case .keyword: "<\(text)>"
        default: LabelSyntax.quoted(text)
        }
    }

    private var shortened: String {
        text.unicodeScalars.count > 10
            ? LabelSyntax.quoted(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10)))) + "..."
            : LabelSyntax.quoted(text)
    }
}
