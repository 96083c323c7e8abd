import Foundation
import MartletCore
package import MartletPromQL
import MartletSeries

/// Reads a test script: blocks that start with an unindented command, each with indented lines below.
package struct ScriptParser {
    let engine: QueryEngine

    package init(engine: QueryEngine) {
        self.engine = engine
    }

    package func parse(_ text: String) throws -> [ScriptCommand] {
        var commands: [ScriptCommand] = []
        var block: [(line: Int, text: String)] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if Self.startsCommand(line), !block.isEmpty {
                commands.append(try command(block))
                block = []
            }
            block.append((index + 1, line))
        }
        if !block.isEmpty { commands.append(try command(block)) }
        return commands
    }

    private static func startsCommand(_ line: String) -> Bool {
        let word = String(line.prefix { !$0.isWhitespace })
        return ["clear", "load", "load_with_nhcb"].contains(word) || word == "eval" || word.hasPrefix("eval_")
    }

    private func command(_ block: [(line: Int, text: String)]) throws -> ScriptCommand {
        let (line, head) = block[0]
        let words = head.split(separator: " ", maxSplits: 1).map(String.init)
        switch words[0] {
        case "clear": return .clear
        case "load", "load_with_nhcb":
            guard let step = DurationText.milliseconds(words[1].trimmingCharacters(in: .whitespaces)) else {
                throw ScriptError(line: line, message: "no step in \(head)")
            }
            var loaded: [ScriptSeries] = []
            var starts: [LabelSet: [Int64?]] = [:]
            for (line, text) in block.dropFirst() {
                guard let marker = text.range(of: "@st"), !text[..<marker.lowerBound].contains("\"@") else {
                    loaded.append(try series(text, line))
                    continue
                }
                let offsets = try startOffsets(text[marker.upperBound...], line)
                let name = text[..<marker.lowerBound].trimmingCharacters(in: .whitespaces)
                starts[try labels(name, line)] = offsets
            }
            for index in loaded.indices { loaded[index].startOffsets = starts[loaded[index].labels] ?? [] }
            if words[0] == "load_with_nhcb" { loaded += ClassicConversion.series(from: loaded) }
            return .load(step: step, series: loaded)
        case let word where word.hasPrefix("eval"):
            return .evaluate(try evaluation(word, words[1], block))
        default: throw ScriptError(line: line, message: "unknown command \(head)")
        }
    }

    private func evaluation(
        _ word: String,
        _ rest: String,
        _ block: [(line: Int, text: String)]
    ) throws -> ScriptEvaluation {
        let line = block[0].line
        var words = rest.split(separator: " ", omittingEmptySubsequences: true)[...]
        guard let kind = words.popFirst() else { throw ScriptError(line: line, message: "no kind") }
        func time() throws -> Int64 {
            _ = words.popFirst()
            guard let text = words.popFirst(), let time = Self.time(text) else {
                throw ScriptError(line: line, message: "no time in \(rest)")
            }
            return time
        }
        var result: ScriptEvaluation
        if kind == "instant" {
            let at = try time()
            result = ScriptEvaluation(line: line, query: words.joined(separator: " "), start: at, end: at)
        } else {
            let (start, end, step) = (try time(), try time(), try time())
            result = ScriptEvaluation(line: line, query: words.joined(separator: " "), start: start, end: end)
            result.step = step
        }
        if let query = rest.range(of: String(words.first ?? ""), range: Self.afterTimes(rest)..<rest.endIndex) {
            // The query as it is written: positions in messages count its spaces.
            result.query = String(rest[query.lowerBound...])
        }
        switch word {
        case "eval_fail": result.expectations.append(.fail(.any))
        case "eval_warn": result.expectations.append(.warn(.any))
        case "eval_info": result.expectations.append(.info(.any))
        case "eval_ordered": result.expectations.append(.ordered)
        default: break
        }
        for (line, text) in block.dropFirst() { try expectation(text, line, &result) }
        return result
    }

    /// Where the words of the times end: after `at T` or `step S`.
    private static func afterTimes(_ text: String) -> String.Index {
        let marker = text.hasPrefix("instant") ? " at " : " step "
        guard let found = text.range(of: marker) else { return text.startIndex }
        let rest = text[found.upperBound...].drop { $0.isWhitespace }
        return rest.firstIndex { $0.isWhitespace } ?? text.endIndex
    }

    private static func time(_ text: Substring) -> Int64? {
        if let seconds = Double(text) { return Int64((seconds * 1000).rounded()) }
        if text.hasPrefix("-") { return DurationText.milliseconds(text.dropFirst()).map { -$0 } }
        return DurationText.milliseconds(text)
    }

    private func expectation(_ text: String, _ line: Int, _ result: inout ScriptEvaluation) throws {
        if text.hasPrefix("expected_fail_message") {
            let message = text.dropFirst("expected_fail_message".count).trimmingCharacters(in: .whitespaces)
            result.expectations.removeAll { if case .fail = $0 { true } else { false } }
            result.expectations.append(.fail(.text(message)))
            return
        }
        if text.hasPrefix("expected_fail_regexp") {
            let message = text.dropFirst("expected_fail_regexp".count).trimmingCharacters(in: .whitespaces)
            result.expectations.removeAll { if case .fail = $0 { true } else { false } }
            result.expectations.append(.fail(.pattern(message)))
            return
        }
        guard text.hasPrefix("expect ") else {
            if let value = Self.number(text[...]) {
                result.scalar = value
            } else {
                result.series.append(try series(text, line))
            }
            return
        }
        let rest = text.dropFirst("expect ".count).trimmingCharacters(in: .whitespaces)
        let word = rest.prefix { !$0.isWhitespace }
        let detail = rest.dropFirst(word.count).trimmingCharacters(in: .whitespaces)
        switch word {
        case "fail": result.expectations.append(.fail(Self.message(detail)))
        case "warn": result.expectations.append(.warn(Self.message(detail)))
        case "info": result.expectations.append(.info(Self.message(detail)))
        case "no_warn": result.expectations.append(.noWarn)
        case "no_info": result.expectations.append(.noInfo)
        case "ordered": result.expectations.append(.ordered)
        case "string":
            guard case .string(let value, _) = try engine.instant(detail, at: 0, from: MemorySource()).value else {
                throw ScriptError(line: line, message: "no string in \(text)")
            }
            result.expectations.append(.string(value))
        case "range":
            let words = detail.split(separator: " ")
            guard words.count == 7, let start = Self.time(words[2]), let step = Self.time(words[6]) else {
                throw ScriptError(line: line, message: "cannot read \(text)")
            }
            result.expectations.append(.rangeVector(start: start, step: step))
        default: throw ScriptError(line: line, message: "unknown expectation \(text)")
        }
    }

    private static func message(_ text: String) -> ScriptEvaluation.Message {
        if text.hasPrefix("msg:") { return .text(text.dropFirst(4).trimmingCharacters(in: .whitespaces)) }
        if text.hasPrefix("regex:") { return .pattern(text.dropFirst(6).trimmingCharacters(in: .whitespaces)) }
        return .any
    }

    /// A metric and its values: `name{label="x"} 1 2+3x4 _ stale`.
    private func series(_ text: String, _ line: Int) throws -> ScriptSeries {
        var end = text.endIndex
        if let open = text.firstIndex(of: "{"), !text[..<open].contains(where: \.isWhitespace) {
            var quote: Character?
            var isEscaped = false
            for index in text[open...].indices {
                let character = text[index]
                if isEscaped {
                    isEscaped = false
                } else if let current = quote {
                    if character == "\\", current != "`" { isEscaped = true }
                    if character == current { quote = nil }
                } else if "\"'`".contains(character) {
                    quote = character
                } else if character == "}" {
                    end = text.index(after: index)
                    break
                }
            }
        } else {
            end = text.firstIndex(where: \.isWhitespace) ?? text.endIndex
        }
        let labels = try labels(String(text[..<end]), line)
        return ScriptSeries(labels: labels, values: try values(text[end...], line))
    }

    private func labels(_ text: String, _ line: Int) throws -> LabelSet {
        if text.filter({ !$0.isWhitespace }) == "{}" { return .empty }
        // A selector needs a condition that is not empty; a label set of the same form does not.
        let padded = text.hasSuffix("}") ? text.dropLast() + ",__padding__=\"x\"}" : text[...]
        let fixed = padded.replacingOccurrences(of: "{,", with: "{").replacingOccurrences(of: ",,", with: ",")
        do {
            let selector = try engine.parseSelector(fixed)
            return LabelSet(selector.matchers.filter { $0.name != "__padding__" }.map { Label($0.name, $0.value) })
        } catch {
            throw ScriptError(line: line, message: "cannot read the labels \(text): \(error)")
        }
    }

    private func values(_ text: Substring, _ line: Int) throws -> [ScriptValue] {
        var result: [ScriptValue] = []
        for word in Self.words(text) { result += try values(ofWord: word, line) }
        return result
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
            if character.isWhitespace, depth == 0 {
                if let first = start { words.append(text[first..<index]) }
                start = nil
            } else if start == nil {
                start = index
            }
        }
        if let start { words.append(text[start...]) }
        return words
    }

    private func values(ofWord word: Substring, _ line: Int) throws -> [ScriptValue] {
        if word.hasPrefix("{{") {
            guard let values = HistogramNotation.values(word) else {
                throw ScriptError(line: line, message: "cannot read the histogram \(word)")
            }
            return values
        }
        var head = word
        var times = 0
        if let mark = word.lastIndex(of: "x"), let count = Int(word[word.index(after: mark)...]) {
            head = word[..<mark]
            times = count
            if head == "_" { return [ScriptValue](repeating: .missing, count: count) }
        }
        if head == "_" { return [.missing] }
        if head == "stale" { return [ScriptValue](repeating: .stale, count: times + 1) }
        if let value = Self.number(head) {
            return [ScriptValue](repeating: .number(value), count: times + 1)
        }
        let body = head.dropFirst()
        guard
            let sign = body.indices.last(where: { index in
                (body[index] == "+" || body[index] == "-") && !"eE+-".contains(head[head.index(before: index)])
            }) ?? nil,
            let start = Self.number(head[..<sign]), let increment = Self.number(head[sign...])
        else { throw ScriptError(line: line, message: "cannot read the value \(word)") }
        return (0...times).map { .number(start + Double($0) * increment) }
    }

    /// Offsets of start timestamps: `_ 0 -30s -1m-1mx2`.
    private func startOffsets(_ text: Substring, _ line: Int) throws -> [Int64?] {
        var result: [Int64?] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            var head = word
            var times = 0
            if let mark = word.lastIndex(of: "x"), let count = Int(word[word.index(after: mark)...]) {
                head = word[..<mark]
                times = count
            }
            if head == "_" {
                result += [Int64?](repeating: nil, count: max(1, times))
                continue
            }
            let body = head.dropFirst()
            let sign = body.lastIndex { $0 == "+" || $0 == "-" }
            guard let first = Self.offset(sign.map { head[..<$0] } ?? head),
                let increment = sign.map({ Self.offset(head[$0...]) }) ?? 0
            else { throw ScriptError(line: line, message: "cannot read the start timestamp \(word)") }
            result += (0...times).map { first + Int64($0) * increment }
        }
        return result
    }

    private static func offset(_ text: Substring) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let magnitude = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text
        if magnitude == "0" { return 0 }
        return DurationText.milliseconds(magnitude).map { isNegative ? -$0 : $0 }
    }

    static func number(_ text: Substring) -> Double? {
        switch text.lowercased() {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "+nan", "-nan": return .nan
        default: break
        }
        guard let first = text.first(where: { $0 != "-" && $0 != "+" }), first.isNumber || first == "." else {
            return nil
        }
        if first == "." { return Double(text.replacingOccurrences(of: ".", with: "0.")) }
        return Double(text.hasSuffix(".") ? text + "0" : text)
    }
}
