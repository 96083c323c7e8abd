/// The command was called in a way it does not understand; exit status 2.
struct UsageError: Error {
    let message: String

    init(_ message: String, syntax: Syntax? = nil) {
        let page = syntax.map { "martlet help \($0.name)" } ?? "martlet help"
        self.message = "\(message); see \"\(page)\""
    }

    /// ` (did you mean "…"?)`, or nothing.
    static func hint(_ nearest: String?) -> String {
        nearest.map { " (did you mean \"\($0)\"?)" } ?? ""
    }
}
