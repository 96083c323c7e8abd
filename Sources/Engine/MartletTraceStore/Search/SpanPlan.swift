import MartletCore
import MartletSearch
import MartletSeries

/// A condition on spans with what can be worked out before any span is looked at.
indirect enum SpanPlan: Sendable {
    /// Where a field's values are found, besides what every span has.
    struct Places: Sendable {
        var attributes: [String]
        var resource: [String]
        var hasScope = false
    }

    case all
    case nothing
    case trace(TraceID)
    case span(UInt64)
    case times(ClosedRange<Int64>)
    case durations(ClosedRange<Int64>)
    /// The kinds and statuses that will do, a bit each.
    case kinds(UInt8, statuses: UInt8)
    case service(ValueTest)
    case operation(ValueTest)
    case attribute(Places, ValueTest)
    case text(SpanTextTest)
    case not(SpanPlan)
    case and([SpanPlan])
    case or([SpanPlan])

    init(_ condition: SearchCondition, _ patterns: any PatternCompiler) throws(PatternError) {
        switch condition {
        case .all: self = .all
        case .words(let words): self = .text(SpanTextTest(words))
        case .pattern(let source): self = .text(.pattern(try Self.anywhere(source, patterns)))
        case .field(let field, let test): self = try Self.field(field, test, patterns)
        case .not(let inner): self = .not(try SpanPlan(inner, patterns))
        case .and(let parts):
            var plans: [SpanPlan] = []
            for part in parts { plans.append(try SpanPlan(part, patterns)) }
            // What leaves the fewest spans for the least work comes first.
            self = .and(
                plans.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }.map(\.element)
            )
        case .or(let parts):
            var plans: [SpanPlan] = []
            for part in parts { plans.append(try SpanPlan(part, patterns)) }
            self = .or(plans)
        }
    }

    /// The trace that all spans must be of, where there is one.
    var onlyTrace: TraceID? {
        switch self {
        case .trace(let id): id
        case .and(let parts): parts.lazy.compactMap(\.onlyTrace).first
        default: nil
        }
    }

    /// The times in which all spans must begin; `nil` where there can be none.
    func times(within outer: ClosedRange<Int64>) -> ClosedRange<Int64>? {
        switch self {
        case .times(let range): return outer.overlaps(range) ? outer.clamped(to: range) : nil
        case .and(let parts):
            var left = outer
            for part in parts {
                guard let rest = part.times(within: left) else { return nil }
                left = rest
            }
            return left
        default: return outer
        }
    }

    private var cost: Int {
        switch self {
        case .nothing, .trace: 0
        case .all, .service: 1
        case .operation, .kinds, .durations: 2
        case .span: 3
        case .times: 4
        case .attribute(_, let test): test.onlyText == nil ? 6 : 5
        case .and, .or: 7
        case .not: 8
        case .text: 9
        }
    }

    /// A regular expression that may match anywhere in a text.
    private static func anywhere(_ source: String, _ patterns: any PatternCompiler) throws(PatternError) -> any Pattern
    {
        // Understood alone first, so that an unbalanced parenthesis cannot join what is around it.
        _ = try patterns.compile(source)
        return try patterns.compile(".*(?:\(source)).*")
    }

    // MARK: Fields

    private static func field(
        _ field: SearchField,
        _ test: SearchTest,
        _ patterns: any PatternCompiler
    ) throws(PatternError) -> SpanPlan {
        func value(_ keys: [String], resource: [String]? = nil, hasScope: Bool = false) throws(PatternError) -> SpanPlan
        {
            let places = Places(attributes: keys, resource: resource ?? keys, hasScope: hasScope)
            return .attribute(places, try ValueTest(test, patterns))
        }
        guard !field.isAttribute else { return try value([field.name]) }
        switch field.name {
        case "service", "service.name": return .service(try ValueTest(test, patterns))
        case "operation", "name": return .operation(try ValueTest(test, patterns))
        case "message", "body", "msg":
            switch test {
            case .pattern(let source): return .text(.pattern(try anywhere(source, patterns)))
            case .equals(let operand):
                let words = WordScanner.words(of: operand.text)
                return words.isEmpty ? .nothing : .text(SpanTextTest(SearchWords(words)))
            default: return .all
            }
        case "trace", "trace_id":
            guard case .equals(let operand) = test else { return .all }
            let digits = operand.text.filter { $0 != "-" }
            let padded = String(repeating: "0", count: max(0, 32 - digits.utf8.count)) + digits
            return TraceID(padded).map { .trace($0) } ?? .nothing
        case "span", "span_id":
            guard case .equals(let operand) = test else { return .all }
            return UInt64(operand.text, radix: 16).map { .span($0) } ?? .nothing
        case "time", "timestamp": return .times(test.times)
        case "duration": return durations(test)
        case "kind", "span.kind":
            let names = try ValueTest(lowercased(test), patterns)
            return .kinds(mask(SpanKind.allCases) { names.matches(Array($0.name.utf8).span) }, statuses: .max)
        case "status": return try status(test, patterns)
        case "error":
            // Spans that failed are what Jaeger's clients mean by it.
            guard case .equals(let operand) = test, operand.text == "true" else { return try value(["error"]) }
            return .or([.kinds(.max, statuses: 1 << SpanStatus.Code.error.rawValue), try value(["error"])])
        case "host": return try value(["host", "hostname", "host.name"])
        case "component": return try value(["component"], hasScope: true)
        case "target", "logger": return try value(["target", "logger"], hasScope: true)
        default: return try value([field.name])
        }
    }

    /// The code that a word stands for.
    static func status(_ word: String) -> SpanStatus.Code? {
        switch word.lowercased() {
        case "error": .error
        case "ok": .ok
        case "unset": .unset
        default: nil
        }
    }

    /// The kind that a word stands for.
    static func kind(_ word: String) -> SpanKind? {
        SpanKind.allCases.first { $0.name == word.lowercased() }
    }

    /// Status by word, or a number that protocols answer with.
    private static func status(_ test: SearchTest, _ patterns: any PatternCompiler) throws(PatternError) -> SpanPlan {
        let keys = ["http.response.status_code", "http.status_code", "status_code", "status", "rpc.grpc.status_code"]
        let number = SpanPlan.attribute(
            Places(attributes: keys, resource: []),
            try ValueTest(test, patterns)
        )
        switch test {
        case .equals(let operand):
            return status(operand.text).map { .kinds(.max, statuses: 1 << $0.rawValue) } ?? number
        case .compares: return number
        case .exists: return .or([.kinds(.max, statuses: 0b110), number])
        case .glob, .pattern:
            let names = try ValueTest(lowercased(test), patterns)
            let codes: [(String, SpanStatus.Code)] = [("unset", .unset), ("ok", .ok), ("error", .error)]
            let mask = codes.reduce(UInt8(0)) { mask, code in
                names.matches(Array(code.0.utf8).span) ? mask | 1 << code.1.rawValue : mask
            }
            return mask == 0 ? number : .or([.kinds(.max, statuses: mask), number])
        }
    }

    /// The test with its text in small letters, as the words of kinds and statuses are.
    private static func lowercased(_ test: SearchTest) -> SearchTest {
        switch test {
        case .equals(let operand): .equals(SearchOperand(operand.text.lowercased()))
        case .glob(let shape): .glob(shape.lowercased())
        case .compares, .pattern, .exists: test
        }
    }

    private static func mask(_ kinds: [SpanKind], where isWanted: (SpanKind) -> Bool) -> UInt8 {
        kinds.reduce(0) { mask, kind in isWanted(kind) ? mask | 1 << kind.rawValue : mask }
    }

    // MARK: Numbers

    private static func durations(_ test: SearchTest) -> SpanPlan {
        switch test {
        case .equals(let operand):
            operand.number.map { durations(from: $0.rounded(), through: $0.rounded()) } ?? .nothing
        case .compares(let sign, let operand):
            switch (sign, operand.number) {
            case (_, nil): .nothing
            case (.less, let number?): durations(from: 0, through: number.rounded(.up) - 1)
            case (.lessOrEqual, let number?): durations(from: 0, through: number.rounded(.down))
            case (.greater, let number?): durations(from: number.rounded(.down) + 1, through: .infinity)
            case (.greaterOrEqual, let number?): durations(from: number.rounded(.up), through: .infinity)
            }
        case .exists, .glob, .pattern: .all
        }
    }

    /// A range of whole numbers from two bounds, either of which may be beyond all of them.
    private static func durations(from low: Double, through high: Double) -> SpanPlan {
        let (low, high) = (Int64(clamping: max(0, low)), Int64(clamping: high))
        return low <= high ? .durations(low...high) : .nothing
    }
}

extension Int64 {
    /// The whole number nearest to a number that may be beyond all of them.
    fileprivate init(clamping number: Double) {
        self = number >= 9.2e18 ? .max : number <= -9.2e18 ? .min : Int64(number)
    }
}
