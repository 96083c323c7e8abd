/// A text with actions in Go's template language, parsed and checked.
///
/// Actions stand in `{{ … }}`. The language is that of Go's `text/template` with the functions of Prometheus. It
/// reads no file and runs no program, and both the work and the result are bounded (``TemplateLimits``).
///
/// - SeeAlso: [text/template](https://pkg.go.dev/text/template@go1.24.0),
///   [template reference](https://prometheus.io/docs/prometheus/3.5/configuration/template_reference/)
public struct Template: Sendable {
    /// The text as it was written.
    public let source: String

    /// The name that errors tell.
    public let name: String

    private let definitions: [String: [TemplateNode]]
    private let functions: TemplateFunctions

    /// Whether expanding needs more than giving the source.
    let isPlain: Bool

    /// Parses a template; unknown variables and functions are errors.
    ///
    /// - Parameters:
    ///   - source: The text.
    ///   - name: The name that errors tell.
    ///   - variables: The variables that a context will set, each with its `$`.
    ///   - functions: The functions that exist.
    /// - Throws: ``TemplateError`` with the place.
    public init(
        _ source: String,
        name: String,
        variables: [String] = TemplateContext.ruleVariables,
        functions: TemplateFunctions = .prometheus
    ) throws(TemplateError) {
        self.source = source
        self.name = name
        self.functions = functions
        isPlain = !source.utf8.contains(UInt8(ascii: "{"))
        definitions =
            isPlain
            ? [:]
            : try TemplateParser(source, name: name, variables: variables, functions: functions.names).definitions
    }

    /// Parses a template that can also use the definitions of others, the later ones winning over the earlier.
    ///
    /// - Parameters:
    ///   - source: The text.
    ///   - name: The name that errors tell.
    ///   - others: The templates whose `define` blocks can be used; their other text counts for nothing.
    ///   - functions: The functions that exist.
    /// - Throws: ``TemplateError`` with the place.
    public init(
        _ source: String,
        name: String,
        using others: [Template],
        functions: TemplateFunctions = .notification
    ) throws(TemplateError) {
        let parsed = try TemplateParser(source, name: name, variables: [], functions: functions.names).definitions
        var all: [String: [TemplateNode]] = [:]
        for other in others { all.merge(other.definitions) { $1 } }
        all.merge(parsed) { $1 }
        self.source = source
        self.name = name
        self.functions = functions
        isPlain = !source.utf8.contains(UInt8(ascii: "{"))
        definitions = all
    }

    /// The text with its actions carried out.
    ///
    /// - Throws: ``TemplateError`` when an action fails or a limit is passed.
    public func expand(_ context: TemplateContext) throws(TemplateError) -> String {
        guard !isPlain else { return source }
        var evaluator = TemplateEvaluator(
            template: self,
            definitions: definitions,
            functions: functions,
            context: context
        )
        return try evaluator.run()
    }
}
