import MartletCore

/// A sample with what the strict check looks at beyond what a scraper needs.
struct LintSample {
    var line: Int
    var name: String
    var labels: LabelSet
    var value: Double
    var valueColumn: Int
    var valueText: String
    var hasTimestamp: Bool
    /// The time in seconds as written; more exact than milliseconds.
    var timestamp: Double
    var exemplar: (labels: LabelSet, timestamp: Double?)?
    /// Where OpenMetrics does not allow what a scraper tolerates; `nil` where it does.
    var strayBlankColumn: Int?

    init(_ sample: ParsedSample, _ parser: ExpositionParser) {
        line = sample.line
        labels = parser.labels(of: sample)
        name = labels.metricName ?? ""
        labels = labels.setting(Label.metricName, to: nil)
        value = sample.value
        valueText = String(decoding: parser.bytes[sample.valueText], as: UTF8.self)
        valueColumn = sample.valueText.lowerBound - sample.series.lowerBound + 1
        hasTimestamp = sample.timestamp != nil
        timestamp = 0
        if hasTimestamp {
            var end = sample.valueText.upperBound + 1
            let start = end
            while end < parser.bytes.count, !parser.isBlank(parser.bytes[end]), parser.bytes[end] != 10 { end += 1 }
            timestamp = NumberText.double(parser.bytes, start..<end) ?? Double(sample.timestamp ?? 0)
        }
        exemplar = sample.exemplar.map { (parser.labels(of: $0), $0.timestamp.map(Double.init)) }
        strayBlankColumn = LintSample.strayBlank(sample, parser)
    }

    private static func strayBlank(_ sample: ParsedSample, _ parser: ExpositionParser) -> Int? {
        guard parser.format == .openMetrics else { return nil }
        var isQuoted = false
        var isEscaped = false
        for place in sample.series {
            let byte = parser.bytes[place]
            if !isQuoted, parser.isBlank(byte) { return place - sample.series.lowerBound + 1 }
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return nil
    }
}
