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

    /// Creates a comparison with a text.
    ///
    /// - Precondition: The operation is `.equal` or `.notEqual`.
    public init(_ name: String, _ operation: Operation, _ value: String) {
        precondition(operation == .equal || operation == .notEqual, "a regular expression needs a compiler")
        self.name = name
        self.operation = operation
        self.value = value
        pattern = nil
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
        pattern = operation == .matches || operation == .doesNotMatch ? try compiler.compile(value) : nil
    }

    /// Whether a label value meets the condition; the empty text stands for a missing label.
    public func matches(_ text: String) -> Bool {
        switch operation {
        case .equal: text == value
        case .notEqual: text != value
        case .matches: pattern?.matches(text) ?? false
        case .doesNotMatch: !(pattern?.matches(text) ?? false)
        }
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
