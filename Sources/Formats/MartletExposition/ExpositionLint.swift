import MartletCore

/// The strict check of an exposition: all that its format forbids, and breaches of the naming conventions.
public enum ExpositionLint {
    /// Checks a text.
    ///
    /// - Parameters:
    ///   - bytes: The exposition.
    ///   - format: Text or OpenMetrics.
    ///   - problemsMax: Checking stops after so many problems.
    /// - Returns: The problems in the order of the lines; a strict reader takes the text if none is an error.
    /// - Precondition: `format` is text or OpenMetrics.
    public static func check(
        _ bytes: [UInt8],
        format: ExpositionFormat,
        problemsMax: Int = 1000
    ) -> [ExpositionProblem] {
        var parser = ExpositionParser(bytes, format: format)
        var state = LintState(format: format)
        while state.problems.count < problemsMax {
            do {
                guard let entry = try parser.next() else { break }
                switch entry {
                case .metadata(let name, let line): state.metadata(name, line, at: parser.line)
                case .sample(let sample): state.sample(LintSample(sample, parser))
                }
            } catch {
                state.problem(error.message, line: error.line, column: error.column)
            }
        }
        state.end()
        return state.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}
