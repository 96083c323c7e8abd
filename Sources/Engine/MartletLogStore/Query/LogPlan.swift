import MartletCore
import MartletSearch
import MartletSeries

/// A condition with what can be worked out before any record is looked at.
indirect enum LogPlan: Sendable {
    case all
    case nothing
    case words(WordsTest)
    case message(any Pattern)
    case severities(ClosedRange<UInt8>)
    case times(ClosedRange<Int64>)
    case trace(TraceID)
    case span(UInt64)
    case field(FieldPlaces, ValueTest)
    case not(LogPlan)
    case and([LogPlan])
    case or([LogPlan])

    init(_ condition: SearchCondition, _ patterns: any PatternCompiler) throws(PatternError) {
        switch condition {
        case .all: self = .all
        case .words(let words): self = .words(WordsTest(words))
        case .pattern(let source):
            _ = try patterns.compile(source)
            let pattern = LogPlan.message(try patterns.compile(".*(?:\(source)).*"))
            let pieces = RequiredText.pieces(of: source)
            // Words say which messages are worth a look.
            self = pieces.isEmpty ? pattern : .and(pieces.map { .words(WordsTest(partOfWord: $0)) } + [pattern])
        case .field(let field, let test): self = try Self.field(field, test, patterns)
        case .not(let inner): self = .not(try LogPlan(inner, patterns))
        case .and(let parts):
            var plans: [LogPlan] = []
            for part in parts { plans.append(try LogPlan(part, patterns)) }
            // What leaves the fewest records for the least work comes first.
            self = .and(
                plans.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }.map(\.element)
            )
        case .or(let parts):
            var plans: [LogPlan] = []
            for part in parts { plans.append(try LogPlan(part, patterns)) }
            self = .or(plans)
        }
    }

    private var cost: Int {
        switch self {
        case .nothing, .trace, .span: 0
        case .all, .times: 1
        case .words: 2
        case .severities: 3
        case .field(_, let test): test.onlyText == nil ? 5 : 4
        case .and, .or: 6
        case .not: 7
        case .message: 8
        }
    }

    /// Whether texts are looked at one by one, which takes long.
    var readsTexts: Bool {
        switch self {
        case .message: true
        case .field(_, let test): test.isPattern
        case .not(let inner): inner.readsTexts
        case .and(let parts), .or(let parts): parts.contains { $0.readsTexts }
        case .all, .nothing, .words, .severities, .times, .trace, .span: false
        }
    }

    private static func field(
        _ field: SearchField,
        _ test: SearchTest,
        _ patterns: any PatternCompiler
    ) throws(PatternError) -> LogPlan {
        let places = FieldPlaces(field)
        switch places.special {
        case .none: return .field(places, try ValueTest(test, patterns))
        case .level: return level(test) ?? .field(places, try ValueTest(test, patterns))
        case .time: return .times(test.times)
        case .trace:
            switch test {
            case .equals(let operand):
                let digits = operand.text.filter { $0 != "-" }
                let padded = String(repeating: "0", count: max(0, 32 - digits.utf8.count)) + digits
                return TraceID(padded).map { .trace($0) } ?? .nothing
            default: return .not(.trace(.none))
            }
        case .span:
            switch test {
            case .equals(let operand): return UInt64(operand.text, radix: 16).map { .span($0) } ?? .nothing
            default: return .not(.span(0))
            }
        case .message:
            switch test {
            case .pattern(let source): return try LogPlan(.pattern(source), patterns)
            case .equals(let operand): return .words(WordsTest(SearchWords(WordScanner.words(of: operand.text))))
            default: return .all
            }
        }
    }

    private static func level(_ test: SearchTest) -> LogPlan? {
        switch test {
        case .equals(let operand): return SeverityWords.range(of: operand.text).map { .severities($0) }
        case .compares(let sign, let operand):
            guard let range = SeverityWords.range(of: operand.text) else { return nil }
            switch sign {
            case .less: return range.lowerBound > 1 ? .severities(1...(range.lowerBound - 1)) : .nothing
            case .lessOrEqual: return .severities(1...max(1, range.upperBound))
            case .greater: return range.upperBound < 24 ? .severities((range.upperBound + 1)...24) : .nothing
            case .greaterOrEqual: return .severities(range.lowerBound...24)
            }
        case .exists: return .severities(1...24)
        case .glob(let shape):
            let words = SeverityWords.names.filter { ValueTest.glob(Array(shape.utf8).span, Array($0.utf8).span) }
            return .or(words.compactMap { SeverityWords.range(of: $0).map { .severities($0) } })
        case .pattern: return nil
        }
    }
}

extension SearchExpression {
    /// Whether what is made of the records needs their texts.
    var readsTexts: Bool {
        if case .patterns = stage { return true }
        return false
    }
}
