import MartletCore

/// A rule's labels or annotations, parsed once.
struct RuleTemplates: Sendable {
    private let entries: [(name: String, template: Result<Template, TemplateError>)]

    /// Whether the texts are the same for every element.
    let isConstant: Bool

    /// Parses texts; one that does not parse gives its error as its text, so that the alert itself is not lost.
    init(_ texts: [String: String], ruleName: String) {
        let entries: [(name: String, template: Result<Template, TemplateError>)]
        entries = texts.sorted { $0.key < $1.key }.map { name, text in
            do throws(TemplateError) {
                return (name, .success(try Template(text, name: "__alert_\(ruleName)")))
            } catch {
                return (name, .failure(error))
            }
        }
        self.entries = entries
        isConstant = entries.allSatisfy { (try? $0.template.get())?.isPlain == true }
    }

    /// The names with their expanded texts, and the errors that stand in for texts.
    func expand(_ context: TemplateContext) -> (texts: [(name: String, text: String)], errors: [TemplateError]) {
        var texts: [(name: String, text: String)] = []
        var errors: [TemplateError] = []
        for (name, template) in entries {
            do throws(TemplateError) {
                texts.append((name, try template.get().expand(context)))
            } catch {
                errors.append(error)
                texts.append((name, "<error expanding template: \(error.description)>"))
            }
        }
        return (texts, errors)
    }
}
