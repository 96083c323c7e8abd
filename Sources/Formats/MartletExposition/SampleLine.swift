import MartletCore

/// Appends the parts of a sample line that the text format and OpenMetrics share.
struct SampleLine {
    let escaping: NameEscaping

    /// Appends `name{a="1",b="2"}` with a space after it; the extra label comes last.
    func appendSeries(
        _ name: String,
        _ labels: LabelSet,
        extra: (name: StaticString, value: String)? = nil,
        to bytes: inout [UInt8]
    ) {
        let isBare = escaping != .allowUTF8 || LabelSyntax.isLegacyMetricName(name)
        if isBare { bytes.append(utf8: name) }
        if !isBare || !labels.isEmpty || extra != nil {
            bytes.append(UInt8(ascii: "{"))
            if !isBare { appendQuoted(name, to: &bytes) }
            var isFirst = isBare
            for label in labels {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                appendLabelName(label.name, to: &bytes)
                bytes.append(UInt8(ascii: "="))
                appendQuoted(label.value, to: &bytes)
            }
            if let extra {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                bytes.append(utf8: "\(extra.name)=\"")
                bytes.append(utf8: extra.value)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    /// Appends `{a="1",b="2"}`, the braces always.
    func appendLabels(_ labels: LabelSet, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for label in labels {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            appendLabelName(label.name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            appendQuoted(label.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends a metric name as metadata lines have it: in quotes where it needs them.
    func appendName(_ name: String, to bytes: inout [UInt8]) {
        if escaping == .allowUTF8, !LabelSyntax.isLegacyMetricName(name) {
            appendQuoted(name, to: &bytes)
        } else {
            bytes.append(utf8: name)
        }
    }

    private func appendLabelName(_ name: String, to bytes: inout [UInt8]) {
        if LabelSyntax.isLegacyLabelName(name) {
            bytes.append(utf8: escaping == .dots ? escaping.labelName(name) : name)
        } else if escaping == .allowUTF8 {
            appendQuoted(name, to: &bytes)
        } else {
            bytes.append(utf8: escaping.labelName(name))
        }
    }

    private func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(escaping: text, quotes: true)
        bytes.append(UInt8(ascii: "\""))
    }
}

extension [UInt8] {
    /// Appends a text as it is.
    mutating func append(utf8 text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends a text with `\`, newline and, if asked, `"` escaped.
    mutating func append(escaping text: String, quotes: Bool) {
        let isPlain = text.utf8.allSatisfy {
            $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\n") && ($0 != UInt8(ascii: "\"") || !quotes)
        }
        // Nearly all texts have nothing to escape, and are copied at once.
        if isPlain { return append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(contentsOf: [byte, byte])
            case UInt8(ascii: "\n"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\"") where quotes: append(contentsOf: [UInt8(ascii: "\\"), byte])
            default: append(byte)
            }
        }
    }

    /// Appends a whole number in decimal digits.
    mutating func append(decimal value: UInt64) {
        if value < 10 { return append(UInt8(ascii: "0") + UInt8(value)) }
        let start = count
        var rest = value
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }

    /// Appends a number as the exposition formats write it.
    mutating func append(number value: Double) {
        if value >= 1, value < 1e15, let whole = UInt64(exactly: value) { return append(decimal: whole) }
        append(utf8: FloatText.shortest(value))
    }
}
