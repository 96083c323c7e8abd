public import MartletCore

/// One condition of a selector, such as `job=~"api.*"`.
public struct LabelMatcher: Sendable {
    /// How a label's value is compared.
    public enum Operation: String, Sendable, CaseIterable {
        /// The value is the same text.
        case equal = "="
        /// The value is another text.
        case notEqual = "!="
        /// The whole value matches a regular expression.
        case matches = "=~"
        /// The whole value does not match a regular expression.
        case doesNotMatch = "!~"
    }

    /// The label whose value is compared; a series without it counts as having the empty value.
    public let name: String

    /// How the value is compared.
    public let operation: Operation

    /// The text or the regular expression.
    public let value: String

    private let pattern: (any Pattern)?

    /// What the regular expression comes down to, where it is simple.
    private let shortcut: Shortcut?

    /// A regular expression that needs no engine.
    private enum Shortcut: Sendable {
        /// One of some texts.
        case texts([String])
        /// A text, then anything.
        case prefix(String)
        /// A text, then anything but nothing.
        case properPrefix(String)
        /// Anything.
        case anything
        /// Anything but nothing.
        case something

        init?(_ source: String) {
            switch source {
            case ".*": self = .anything
            case ".+": self = .something
            default:
                let special: Set<Character> = [".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "^", "$", "\\"]
                if !source.contains(where: special.contains) {
                    self = .texts(source.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
                    return
                }
                let start = source.dropLast(2)
                guard !start.contains(where: { special.contains($0) || $0 == "|" }) else { return nil }
                if source.hasSuffix(".*") {
                    self = .prefix(String(start))
                } else if source.hasSuffix(".+") {
                    self = .properPrefix(String(start))
                } else {
                    return nil
                }
            }
        }

        func matches(_ text: String) -> Bool {
            switch self {
            case .texts(let texts): texts.contains { $0.utf8.elementsEqual(text.utf8) }
            case .prefix(let prefix): text.utf8.starts(with: prefix.utf8)
            case .properPrefix(let prefix): text.utf8.count > prefix.utf8.count && text.utf8.starts(with: prefix.utf8)
            case .anything: true
            case .something: !text.isEmpty
            }
        }
    }

    /// Creates a comparison with a text.
    ///
    /// - Precondition: The operation is `.equal` or `.notEqual`.
    public init(_ name: String, _ operation: Operation, _ value: String) {
        precondition(operation == .equal || operation == .notEqual, "a regular expression needs a compiler")
        self.name = name
        self.operation = operation
        self.value = value
        pattern = nil
        shortcut = nil
    }

    /// Creates a comparison of any kind.
    ///
    /// - Throws: ``PatternError`` when the regular expression is malformed.
    public init(
        _ name: String,
        _ operation: Operation,
        _ value: String,
        compiler: any PatternCompiler
    ) throws(PatternError) {
        self.name = name
        self.operation = operation
        self.value = value
        let isExpression = operation == .matches || operation == .doesNotMatch
        pattern = isExpression ? try compiler.compile(value) : nil
        shortcut = isExpression ? Shortcut(value) : nil
    }

    /// Whether a label value meets the condition; the empty text stands for a missing label.
    public func matches(_ text: String) -> Bool {
        switch operation {
        case .equal: text == value
        case .notEqual: text != value
        case .matches: matchesExpression(text)
        case .doesNotMatch: !matchesExpression(text)
        }
    }

    private func matchesExpression(_ text: String) -> Bool {
        if let shortcut { return shortcut.matches(text) }
        return pattern?.matches(text) ?? false
    }

    /// Whether a series meets the condition.
    public func matches(_ labels: LabelSet) -> Bool {
        matches(labels[name] ?? "")
    }
}

extension LabelMatcher: Hashable {
    /// Whether two conditions are written alike.
    public static func == (left: LabelMatcher, right: LabelMatcher) -> Bool {
        left.name == right.name && left.operation == right.operation && left.value == right.value
    }

    /// Hashes how the condition is written.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(operation)
        hasher.combine(value)
    }
}

extension LabelMatcher: CustomStringConvertible {
    /// The condition as PromQL writes it: `job=~"api.*"`.
    public var description: String {
        "\(LabelSyntax.quotedIfNeeded(name))\(operation.rawValue)\(LabelSyntax.quoted(value))"
    }
}
