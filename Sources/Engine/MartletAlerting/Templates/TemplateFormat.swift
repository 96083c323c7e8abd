import MartletCore

/// Values as Go's `fmt` prints them.
enum TemplateFormat {
    /// A value as `%v` prints it.
    static func text(_ value: TemplateValue) -> String {
        switch value {
        case .none: "<nil>"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .float(let number): NumberText.string(number, form: "g")
        case .string(let text): text
        case .list(let items): "[" + items.map(text).joined(separator: " ") + "]"
        case .map(let items): map(items.map { ($0, text($1)) })
        case .labels(let items): map(items.map { ($0, $1) })
        case .record(_, let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { text($0.value) }.joined(separator: " ") + "}"
        case .time(let nanoseconds): TemplateTime.string(nanoseconds)
        case .duration(let nanoseconds): TemplateTime.durationString(nanoseconds)
        }
    }

    /// A value as an action prints it: as `%v`, but `<no value>` for nothing.
    static func printed(_ value: TemplateValue) -> String {
        if case .none = value { return "<no value>" }
        return text(value)
    }

    private static func map(_ items: [(String, String)]) -> String {
        "map[" + items.sorted { $0.0 < $1.0 }.map { "\($0):\($1)" }.joined(separator: " ") + "]"
    }

    /// The values one after another, with a space between two that are no texts.
    static func print(_ values: [TemplateValue]) -> String {
        var result = ""
        for (index, value) in values.enumerated() {
            if index > 0, !isText(value), !isText(values[index - 1]) { result += " " }
            result += text(value)
        }
        return result
    }

    /// The values with spaces between them and a newline.
    static func printLine(_ values: [TemplateValue]) -> String {
        values.map(text).joined(separator: " ") + "\n"
    }

    private static func isText(_ value: TemplateValue) -> Bool {
        if case .string = value { true } else { false }
    }
}
