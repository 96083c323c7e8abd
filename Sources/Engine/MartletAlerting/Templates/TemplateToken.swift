/// One word of a template and where it starts.
struct TemplateToken {
    /// The words with a meaning of their own.
    enum Keyword: String {
        case `if`, `else`, end, range, with, define, block, template, `break`, `continue`
    }

    enum Kind: Equatable {
        case text(String)
        case leftDelimiter, rightDelimiter
        case space
        case identifier(String), field(String), variable(String)
        case string(String), integer(Int64), float(Double), bool(Bool)
        case keyword(Keyword)
        case `nil`, dot, pipe, comma, declare, assign, leftParenthesis, rightParenthesis
        case endOfFile
    }

    let kind: Kind

    /// The offset in scalars from the template's start.
    let position: Int

    /// The word as an error message shows it.
    var text: String {
        switch kind {
        case .text(let text): "\"\(text.prefix(20))\""
        case .leftDelimiter: "{{"
        case .rightDelimiter: "}}"
        case .space: "space"
        case .identifier(let name): "\"\(name)\""
        case .field(let name): "\".\(name)\""
        case .variable(let name): "\"\(name)\""
        case .string(let text): "string \"\(text.prefix(20))\""
        case .integer(let number): "number \(number)"
        case .float(let number): "number \(number)"
        case .bool(let flag): "\(flag)"
        case .keyword(let keyword): "{{\(keyword.rawValue)}}"
        case .nil: "nil"
        case .dot: "\".\""
        case .pipe: "\"|\""
        case .comma: "\",\""
        case .declare: "\":=\""
        case .assign: "\"=\""
        case .leftParenthesis: "\"(\""
        case .rightParenthesis: "\")\""
        case .endOfFile: "the template's end"
        }
    }
}
