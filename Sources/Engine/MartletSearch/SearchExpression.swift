/// What somebody looks for, and what is to be done with what is found.
public struct SearchExpression: Hashable, Sendable {
    /// What an event has to meet.
    public var condition: SearchCondition

    /// What is made of the events found; `nil` for the events themselves.
    public var stage: SearchStage?

    /// How many events or groups at most, where the text says so (`| limit 50`).
    public var limit: Int?

    /// Creates an expression.
    public init(_ condition: SearchCondition = .all, stage: SearchStage? = nil, limit: Int? = nil) {
        self.condition = condition
        self.stage = stage
        self.limit = limit
    }

    /// Reads an expression.
    ///
    /// - Parameters:
    ///   - text: The text, such as `status:500 duration:>200ms -path:/healthz | count by (service)`.
    ///   - limits: How long and deep it may be.
    ///   - dialect: What it may say of the events it is for.
    /// - Throws: ``SearchError`` with the place of what is wrong.
    public init(
        parsing text: String,
        limits: SearchLimits = SearchLimits(),
        dialect: SearchDialect = SearchDialect()
    ) throws(SearchError) {
        var parser = SearchParser(text, limits: limits, dialect: dialect)
        self = try parser.expression()
    }
}

/// What an event has to meet.
public indirect enum SearchCondition: Hashable, Sendable {
    /// Nothing: every event is meant.
    case all

    /// Words that stand one after the other in the event's text.
    case words(SearchWords)

    /// The event's text has a match of a regular expression.
    case pattern(String)

    /// A field's value.
    case field(SearchField, SearchTest)

    /// Not that.
    case not(SearchCondition)

    /// All of these.
    case and([SearchCondition])

    /// At least one of these.
    case or([SearchCondition])
}

/// Words that stand one after the other, folded; at least one.
public struct SearchWords: Hashable, Sendable {
    /// The words.
    public var words: [String]

    /// Whether the last is the beginning of a word only.
    public var isPrefix: Bool

    /// Creates words.
    public init(_ words: [String], isPrefix: Bool = false) {
        self.words = words
        self.isPrefix = isPrefix
    }
}

/// Which of an event's fields is meant.
public struct SearchField: Hashable, Sendable {
    /// The name as it was written, without `@`.
    public var name: String

    /// Whether an attribute of that very name is meant (`@name`), never a field that all events have.
    public var isAttribute: Bool

    /// Creates a field.
    public init(_ name: String, isAttribute: Bool = false) {
        self.name = name
        self.isAttribute = isAttribute
    }
}

/// What a field's value has to meet.
public enum SearchTest: Hashable, Sendable {
    /// The value is this text or number.
    case equals(SearchOperand)

    /// The value has this shape, `*` standing for any characters.
    case glob(String)

    /// The value's text has a match of a regular expression.
    case pattern(String)

    /// The value stands so to another.
    case compares(SearchComparison, SearchOperand)

    /// There is a value.
    case exists
}

/// How two values stand to one another.
public enum SearchComparison: String, Hashable, Sendable {
    /// Less.
    case less = "<"
    /// Less or equal.
    case lessOrEqual = "<="
    /// Greater.
    case greater = ">"
    /// Greater or equal.
    case greaterOrEqual = ">="

    /// Whether an order of two values is the one meant.
    @inlinable
    public func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}
