import MartletCore

extension ExpositionParser {
    /// What a comment of the text format says; `nil` where it is only a comment.
    func textComment(_ start: Int, _ end: Int) throws(ExpositionError) -> ExpositionEntry? {
        var cursor = start + 1
        skipBlanks(&cursor, end)
        let keyword = tokenEnd(cursor, end)
        let isHelp = bytes[cursor..<keyword].elementsEqual("HELP".utf8)
        let isType = bytes[cursor..<keyword].elementsEqual("TYPE".utf8)
        guard cursor > start + 1, keyword < end, isHelp || isType else { return nil }
        cursor = keyword
        skipBlanks(&cursor, end)
        let name = try metadataName(&cursor, end)
        skipBlanks(&cursor, end)
        if isHelp { return .metadata(name, .help(Unescape.text(bytes[cursor..<end]))) }
        var last = end
        while last > cursor, isBlank(bytes[last - 1]) { last -= 1 }
        return .metadata(name, .type(try textType(cursor..<last)))
    }

    /// What a line of OpenMetrics says that starts with `#`.
    func openMetricsComment(_ start: Int, _ end: Int) throws(ExpositionError) -> ExpositionEntry {
        var cursor = start
        guard let keyword = openMetricsKeyword(&cursor, end) else {
            throw error(start, "expected # TYPE, # HELP, # UNIT or # EOF; OpenMetrics has no other comments")
        }
        let name = try metadataName(&cursor, end)
        guard cursor < end, bytes[cursor] == UInt8(ascii: " ") else {
            throw error(cursor, "expected one space and a text after the name in # \(keyword)")
        }
        let text = (cursor + 1)..<end
        switch keyword {
        case "HELP": return .metadata(name, .help(Unescape.text(bytes[text])))
        case "UNIT":
            let unit = String(decoding: bytes[text], as: UTF8.self)
            guard unit.isEmpty || name.hasSuffix("_" + unit) else {
                throw error(text.lowerBound, "the metric \(name) must end with its unit, _\(unit)")
            }
            return .metadata(name, .unit(unit))
        default:
            guard let type = MetricType(rawValue: String(decoding: bytes[text], as: UTF8.self)) else {
                throw error(text.lowerBound, "unknown metric type \(excerpt(text))")
            }
            return .metadata(name, .type(type))
        }
    }

    private func openMetricsKeyword(_ cursor: inout Int, _ end: Int) -> String? {
        guard end - cursor >= 7 else { return nil }
        for keyword in ["TYPE", "HELP", "UNIT"] where bytes[cursor..<(cursor + 7)].elementsEqual("# \(keyword) ".utf8) {
            cursor += 7
            return keyword
        }
        return nil
    }

    private func textType(_ range: Range<Int>) throws(ExpositionError) -> MetricType {
        switch String(decoding: bytes[range], as: UTF8.self) {
        case "counter": return .counter
        case "gauge": return .gauge
        case "histogram": return .histogram
        case "summary": return .summary
        case "untyped": return .unknown
        default:
            let reason = "unknown metric type \(excerpt(range)); use counter, gauge, histogram, summary or untyped"
            throw error(range.lowerBound, reason)
        }
    }

    private func metadataName(_ cursor: inout Int, _ end: Int) throws(ExpositionError) -> String {
        let start = cursor
        if cursor < end, bytes[cursor] == UInt8(ascii: "\"") {
            let range = try quoted(&cursor, end)
            guard !range.isEmpty else { throw error(start, "the metric name is empty") }
            try checkName(range)
            return Unescape.text(bytes[range], quotes: true)
        }
        let range = bareName(&cursor, end, colonAllowed: true)
        guard !range.isEmpty, cursor == end || isBlank(bytes[cursor]) else {
            throw error(cursor, "expected a metric name, got \(excerpt(start..<tokenEnd(start, end)))")
        }
        try checkName(range)
        return String(decoding: bytes[range], as: UTF8.self)
    }
}
