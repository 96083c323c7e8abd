public import MartletCore

extension ExpositionParser {
    /// The labels of a sample with `__name__` among them, escapes resolved.
    ///
    /// Labels with an empty value are left out, which means the same.
    ///
    /// - Parameter sample: A sample that this parser gave.
    /// - Complexity: O(*n* log *n*) in the labels; it allocates, so a scraper keeps what it gets.
    /// - Returns: The labels.
    public func labels(of sample: ParsedSample) -> LabelSet {
        labels(in: sample.series)
    }

    /// The labels of an exemplar, escapes resolved.
    public func labels(of exemplar: ParsedExemplar) -> LabelSet {
        labels(in: exemplar.labels)
    }

    /// The metric's name of a sample.
    public func name(of sample: ParsedSample) -> String {
        var cursor = sample.series.lowerBound
        let name = bareName(&cursor, sample.series.upperBound, colonAllowed: true)
        if !name.isEmpty { return String(decoding: bytes[name], as: UTF8.self) }
        return labels(of: sample).metricName ?? ""
    }

    /// Decodes a series that `next()` has checked.
    private func labels(in range: Range<Int>) -> LabelSet {
        var labels: [Label] = []
        var cursor = range.lowerBound
        let name = bareName(&cursor, range.upperBound, colonAllowed: true)
        if !name.isEmpty { labels.append(Label(Label.metricName, String(decoding: bytes[name], as: UTF8.self))) }
        while cursor < range.upperBound {
            switch bytes[cursor] {
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\t"):
                cursor += 1
            default:
                let (text, isQuoted) = word(&cursor, range.upperBound)
                skipBlanks(&cursor, range.upperBound)
                guard cursor < range.upperBound, bytes[cursor] == UInt8(ascii: "=") else {
                    if isQuoted { labels.append(Label(Label.metricName, text)) }
                    continue
                }
                cursor += 1
                skipBlanks(&cursor, range.upperBound)
                labels.append(Label(text, word(&cursor, range.upperBound).text))
            }
        }
        return LabelSet(labels)
    }

    /// A bare name or a quoted text; walks over one byte at least.
    private func word(_ cursor: inout Int, _ end: Int) -> (text: String, isQuoted: Bool) {
        let start = cursor
        if cursor < end, bytes[cursor] == UInt8(ascii: "\""), let range = try? quoted(&cursor, end) {
            return (Unescape.text(bytes[range]), true)
        }
        let range = bareName(&cursor, end, colonAllowed: false)
        if cursor == start { cursor += 1 }
        return (String(decoding: bytes[range], as: UTF8.self), false)
    }
}
