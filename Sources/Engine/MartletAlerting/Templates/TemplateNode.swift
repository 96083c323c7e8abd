/// A part of a parsed template.
indirect enum TemplateNode: Sendable {
    case text(String)
    case action(TemplatePipeline)
    case condition(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case with(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case range(TemplatePipeline, body: [TemplateNode], otherwise: [TemplateNode])
    case call(name: String, TemplatePipeline?, position: Int)
    case leaveLoop
    case nextTurn
}

/// Commands whose results flow into one another, and the variables that take the last result.
struct TemplatePipeline: Sendable {
    var position: Int
    var variables: [String] = []
    var isAssignment = false
    var commands: [TemplateCommand] = []
}

/// An operand, or a function with its arguments.
struct TemplateCommand: Sendable {
    var position: Int
    var operands: [TemplateOperand] = []
}

/// What can stand as an argument.
struct TemplateOperand: Sendable {
    indirect enum Kind: Sendable {
        case dot
        case `nil`
        case literal(TemplateValue)
        case field([String])
        case variable(String, [String])
        case function(String)
        case pipeline(TemplatePipeline)
        case chain(TemplateOperand, [String])
    }

    var kind: Kind
    var position: Int
}
