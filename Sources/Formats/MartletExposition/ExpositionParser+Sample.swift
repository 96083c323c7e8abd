extension ExpositionParser {
    /// The sample of a line.
    mutating func sample(_ start: Int, _ end: Int) throws(ExpositionError) -> ParsedSample {
        var cursor = start
        try series(&cursor, end)
        let series = start..<cursor
        try separator(&cursor, end, before: "a value")
        let valueText = cursor..<tokenEnd(cursor, end)
        let value = try number(valueText, "a value")
        cursor = valueText.upperBound
        var sample = ParsedSample(line: line, series: series, value: value, valueText: valueText)
        if format == .text {
            skipBlanks(&cursor, end)
            if cursor < end { sample.timestamp = try textTimestamp(&cursor, end) }
            guard cursor == end else { throw error(cursor, "unexpected text after the timestamp") }
            return sample
        }
        if cursor < end, !isExemplar(cursor, end) {
            cursor += 1
            sample.timestamp = try secondsTimestamp(&cursor, end)
        }
        if cursor < end { sample.exemplar = try exemplar(&cursor, end) }
        return sample
    }

    /// Walks over name and labels, and checks them.
    private mutating func series(_ cursor: inout Int, _ end: Int) throws(ExpositionError) {
        let start = cursor
        let name = bareName(&cursor, end, colonAllowed: true)
        if !name.isEmpty { try checkName(name) }
        let brace = afterBlanksOfText(cursor, end)
        guard brace < end, bytes[brace] == UInt8(ascii: "{") else {
            guard !name.isEmpty else {
                throw error(
                    cursor,
                    "expected a metric name, got \(excerpt(start..<max(start + 1, tokenEnd(start, end))))"
                )
            }
            return
        }
        cursor = brace
        try labels(&cursor, end, needsName: name.isEmpty, hasName: !name.isEmpty)
    }

    /// Walks over labels in braces, and checks them; the metric's name must or may not be among them, in quotes.
    private mutating func labels(
        _ cursor: inout Int,
        _ end: Int,
        needsName: Bool,
        hasName: Bool
    ) throws(ExpositionError) {
        let start = cursor
        var hasFoundName = false
        labelNames.removeAll(keepingCapacity: true)
        cursor += 1
        skipBlanks(&cursor, end)
        while cursor < end, bytes[cursor] != UInt8(ascii: "}") {
            let isName = try label(&cursor, end, nameAllowed: needsName && !hasFoundName && !hasName)
            hasFoundName = hasFoundName || isName
            skipBlanks(&cursor, end)
            guard cursor < end, bytes[cursor] == UInt8(ascii: ",") else { break }
            cursor += 1
            skipBlanks(&cursor, end)
        }
        guard cursor < end, bytes[cursor] == UInt8(ascii: "}") else {
            throw error(cursor, "expected a comma or a closing brace after the label")
        }
        cursor += 1
        if needsName, !hasFoundName { throw error(start, "the series has no metric name") }
    }

    /// Walks over `name="value"`, or over a quoted metric name.
    private mutating func label(
        _ cursor: inout Int,
        _ end: Int,
        nameAllowed: Bool
    ) throws(ExpositionError) -> Bool {
        let start = cursor
        let isQuoted = bytes[cursor] == UInt8(ascii: "\"")
        let name = isQuoted ? try quoted(&cursor, end) : bareName(&cursor, end, colonAllowed: false)
        guard !name.isEmpty else { throw error(start, "expected a label name") }
        try checkName(name)
        skipBlanks(&cursor, end)
        if isQuoted, nameAllowed, cursor >= end || bytes[cursor] != UInt8(ascii: "=") { return true }
        guard cursor < end, bytes[cursor] == UInt8(ascii: "=") else {
            throw error(cursor, "expected = after the label name \(excerpt(name))")
        }
        try note(name)
        cursor += 1
        skipBlanks(&cursor, end)
        guard cursor < end, bytes[cursor] == UInt8(ascii: "\"") else {
            throw error(cursor, "expected a label value in double quotes")
        }
        let value = try quoted(&cursor, end)
        guard value.count <= limits.valueBytesMax else {
            throw error(
                value.lowerBound,
                "the value of label \(excerpt(name)) has \(value.count) bytes, \(limits.valueBytesMax) are allowed"
            )
        }
        return false
    }

    private mutating func note(_ name: Range<Int>) throws(ExpositionError) {
        for other in labelNames where other.count == name.count && bytes[other].elementsEqual(bytes[name]) {
            throw error(name.lowerBound, "the label name \(excerpt(name)) comes twice")
        }
        guard labelNames.count < limits.labelsMax else {
            throw error(name.lowerBound, "the series has more than \(limits.labelsMax) labels")
        }
        labelNames.append(name)
    }

    // MARK: Names and quotes

    /// Walks over a name of the classic characters; empty where there is none.
    func bareName(_ cursor: inout Int, _ end: Int, colonAllowed: Bool) -> Range<Int> {
        let start = cursor
        while cursor < end {
            switch bytes[cursor] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where cursor > start: break
            case UInt8(ascii: ":") where colonAllowed: break
            default: return start..<cursor
            }
            cursor += 1
        }
        return start..<cursor
    }

    /// Walks over a text in double quotes, and gives what is between them.
    func quoted(_ cursor: inout Int, _ end: Int) throws(ExpositionError) -> Range<Int> {
        let start = cursor + 1
        cursor = start
        while cursor < end {
            switch bytes[cursor] {
            case UInt8(ascii: "\""):
                cursor += 1
                return start..<(cursor - 1)
            case UInt8(ascii: "\\"): cursor += 2
            default: cursor += 1
            }
        }
        cursor = end
        throw error(start - 1, "the quote is not closed")
    }

    func checkName(_ name: Range<Int>) throws(ExpositionError) {
        guard name.count <= limits.nameBytesMax else {
            throw error(name.lowerBound, "the name has \(name.count) bytes, \(limits.nameBytesMax) are allowed")
        }
    }

    private func afterBlanksOfText(_ cursor: Int, _ end: Int) -> Int {
        var place = cursor
        if format == .text { skipBlanks(&place, end) }
        return place
    }

    // MARK: Numbers

    private func separator(_ cursor: inout Int, _ end: Int, before what: String) throws(ExpositionError) {
        if format == .text {
            skipBlanks(&cursor, end)
        } else {
            guard cursor < end, bytes[cursor] == UInt8(ascii: " ") else {
                throw error(cursor, "expected one space and \(what)")
            }
            cursor += 1
        }
        guard cursor < end else { throw error(cursor, "expected \(what) after the series") }
    }

    private func number(_ range: Range<Int>, _ what: String) throws(ExpositionError) -> Double {
        guard let value = NumberText.double(bytes, range) else {
            throw error(range.lowerBound, "expected \(what), got \(excerpt(range))")
        }
        return value
    }

    private func textTimestamp(_ cursor: inout Int, _ end: Int) throws(ExpositionError) -> Int64 {
        let range = cursor..<tokenEnd(cursor, end)
        guard let timestamp = NumberText.integer(bytes, range) else {
            throw error(cursor, "expected a timestamp in whole milliseconds, got \(excerpt(range))")
        }
        cursor = range.upperBound
        skipBlanks(&cursor, end)
        return timestamp
    }

    private func secondsTimestamp(_ cursor: inout Int, _ end: Int) throws(ExpositionError) -> Int64 {
        let range = cursor..<tokenEnd(cursor, end)
        guard let seconds = NumberText.double(bytes, range), seconds.isFinite else {
            throw error(cursor, "expected a timestamp in seconds, got \(excerpt(range))")
        }
        cursor = range.upperBound
        let milliseconds = (seconds * 1000).rounded()
        return Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }

    // MARK: Exemplars

    private func isExemplar(_ cursor: Int, _ end: Int) -> Bool {
        cursor + 1 < end && bytes[cursor] == UInt8(ascii: " ") && bytes[cursor + 1] == UInt8(ascii: "#")
    }

    private mutating func exemplar(_ cursor: inout Int, _ end: Int) throws(ExpositionError) -> ParsedExemplar {
        guard end - cursor >= 4, bytes[cursor..<(cursor + 4)].elementsEqual(" # {".utf8) else {
            throw error(cursor, "expected an exemplar, such as # {trace_id=\"1\"} 0.5, or the end of the line")
        }
        cursor += 3
        let start = cursor
        try labels(&cursor, end, needsName: false, hasName: true)
        let labels = start..<cursor
        try separator(&cursor, end, before: "the exemplar's value")
        let text = cursor..<tokenEnd(cursor, end)
        var exemplar = ParsedExemplar(labels: labels, value: try number(text, "the exemplar's value"))
        cursor = text.upperBound
        if cursor < end {
            cursor += 1
            exemplar.timestamp = try secondsTimestamp(&cursor, end)
        }
        guard cursor == end else { throw error(cursor, "unexpected text after the exemplar") }
        return exemplar
    }
}
