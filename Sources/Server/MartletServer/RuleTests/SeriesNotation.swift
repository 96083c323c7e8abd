import MartletCore
import MartletPromQL
import MartletSeries

/// Reads the short notation of series in unit tests: `up{job="x"}` and `0+1x5 _ stale {{count:2 sum:3 buckets:[2]}}`.
struct SeriesNotation: Sendable {
    /// One place of a series.
    enum Value: Sendable {
        case missing
        case number(Double)
        case histogram(NativeHistogram)
    }

    /// Why a text is no series.
    struct Problem: Error {
        let message: String
    }

    /// How many values one series may have.
    static let valuesMax = 10_000_000

    let patterns: any PatternCompiler

    /// The labels of a series.
    func labels(_ text: String) throws(Problem) -> LabelSet {
        let text = Self.trimmed(text[...])
        if text.filter({ $0 != " " }) == "{}" || text.isEmpty { return .empty }
        // A selector needs a condition that is not empty; a label set of the same form does not.
        var padded = String(text)
        if padded.hasSuffix("}") {
            padded.removeLast()
            while padded.hasSuffix(" ") || padded.hasSuffix(",") { padded.removeLast() }
            padded += (padded.hasSuffix("{") ? "" : ",") + "__martlet__=\"x\"}"
        }
        let selector: VectorSelector
        do throws(PromQLError) {
            selector = try QueryEngine(patterns: patterns).parseSelector(padded)
        } catch {
            throw Problem(message: error.description)
        }
        let matchers = selector.matchers.filter { $0.name != "__martlet__" }
        guard matchers.allSatisfy({ $0.operation == .equal }) else {
            throw Problem(message: "labels of a series are given with =")
        }
        return LabelSet(matchers.map { Label($0.name, $0.value) })
    }

    /// The values of a series.
    func values(_ text: String) throws(Problem) -> [Value] {
        var result: [Value] = []
        for word in Self.words(text[...]) {
            result += try word.hasPrefix("{{") ? histograms(word) : Self.numbers(word)
            guard result.count <= Self.valuesMax else {
                throw Problem(message: "a series may have at most \(Self.valuesMax) values")
            }
        }
        return result
    }

    /// One native histogram.
    func histogram(_ text: String) throws(Problem) -> NativeHistogram {
        guard case .histogram(let histogram)? = try histograms(Self.trimmed(text[...])).first else {
            throw Problem(message: "cannot read the histogram \(text)")
        }
        return histogram
    }

    // MARK: - Numbers

    private static func numbers(_ word: Substring) throws(Problem) -> [Value] {
        var head = word
        var times: Int?
        if let mark = word.lastIndex(of: "x"), let count = Int(word[word.index(after: mark)...]), count >= 0 {
            guard count < valuesMax else { throw Problem(message: "at most \(valuesMax) repetitions; got \(word)") }
            head = word[..<mark]
            times = count
        }
        if head == "_" { return [Value](repeating: .missing, count: times ?? 1) }
        let count = (times ?? 0) + 1
        if head == "stale" { return [Value](repeating: .number(StaleMarker.value), count: count) }
        if let value = number(head) { return [Value](repeating: .number(value), count: count) }
        // `1+2x3`: the sign in the middle that belongs to no exponent parts the start from the increment.
        let places = head.indices.dropFirst().filter { index in
            let before = head[head.index(before: index)]
            return (head[index] == "+" || head[index] == "-") && !"eE+-".contains(before)
        }
        for place in places {
            guard let start = number(head[..<place]), let increment = number(head[place...]) else { continue }
            var (value, values) = (start, [Value]())
            values.reserveCapacity(count)
            for _ in 0..<count {
                values.append(.number(value))
                value += increment
            }
            return values
        }
        throw Problem(message: "cannot read the value \"\(word)\"")
    }

    /// A number as the language writes it.
    static func number(_ text: Substring) -> Double? {
        let isNegative = text.first == "-"
        var digits = text
        while let first = digits.first, first == "+" || first == "-" { digits.removeFirst() }
        guard text.count - digits.count <= 2 else { return nil }
        if text.hasPrefix("+-") || text.hasPrefix("-+") { return number(digits).map { -$0 } }
        let magnitude: Double?
        switch digits.lowercased() {
        case "inf": magnitude = .infinity
        case "nan": magnitude = .nan
        case let other where other.first.map({ $0.isNumber || $0 == "." }) == true:
            magnitude = Double((other.hasPrefix(".") ? "0" : "") + other + (other.hasSuffix(".") ? "0" : ""))
        default: magnitude = nil
        }
        return magnitude.map { isNegative ? -$0 : $0 }
    }

    // MARK: - Histograms

    private func histograms(_ word: Substring) throws(Problem) -> [Value] {
        let (first, rest) = try Self.takeHistogram(word)
        if rest.isEmpty { return [.histogram(first.finished)] }
        if rest.hasPrefix("x"), let count = Int(rest.dropFirst()), (0..<Self.valuesMax).contains(count) {
            return [Value](repeating: .histogram(first.finished), count: count + 1)
        }
        guard let sign = rest.first, sign == "+" || sign == "-" else {
            throw Problem(message: "cannot read the histogram \"\(word)\"")
        }
        let (increment, tail) = try Self.takeHistogram(rest.dropFirst())
        guard tail.isEmpty || tail.hasPrefix("x"), let count = Int(tail.isEmpty ? "0" : tail.dropFirst()),
            (0..<Self.valuesMax).contains(count)
        else { throw Problem(message: "cannot read the histogram \"\(word)\"") }
        var (current, values) = (first, [Value]())
        for _ in 0...count {
            values.append(.histogram(current.finished))
            current.add(increment, sign: sign == "+" ? 1 : -1)
        }
        return values
    }

    private static func takeHistogram(_ text: Substring) throws(Problem) -> (HistogramDraft, Substring) {
        guard text.hasPrefix("{{"), let end = text.firstRange(of: "}}") else {
            throw Problem(message: "cannot read the histogram \"\(text)\"")
        }
        let inner = text[text.index(text.startIndex, offsetBy: 2)..<end.lowerBound]
        return (try HistogramDraft(inner), text[end.upperBound...])
    }

    // MARK: - Words

    static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Words between spaces; a histogram's spaces don't count.
    private static func words(_ text: Substring) -> [Substring] {
        var words: [Substring] = []
        var start: Substring.Index?
        var depth = 0
        for index in text.indices {
            let character = text[index]
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if character.isWhitespace, depth <= 0 {
                if let first = start { words.append(text[first..<index]) }
                start = nil
            } else if start == nil {
                start = index
            }
        }
        if let start { words.append(text[start...]) }
        return words
    }
}
