/// The characters of metric and label names, and how texts are quoted in PromQL and the exposition formats.
///
/// - SeeAlso: [Data model](https://prometheus.io/docs/concepts/data_model/)
public enum LabelSyntax {
    /// Whether a name matches `[a-zA-Z_:][a-zA-Z0-9_:]*`, the form that needs no quotes.
    public static func isLegacyMetricName(_ name: String) -> Bool {
        isName(name, colonAllowed: true)
    }

    /// Whether a name matches `[a-zA-Z_][a-zA-Z0-9_]*`, the form that needs no quotes.
    public static func isLegacyLabelName(_ name: String) -> Bool {
        isName(name, colonAllowed: false)
    }

    /// A text in double quotes, with `\`, `"`, newline and other control characters escaped.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case let control where control.value < 0x20 || control.value == 0x7f:
                result += "\\x" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A label name as PromQL accepts it: bare where it can be, quoted otherwise.
    public static func quotedIfNeeded(_ name: String) -> String {
        isLegacyLabelName(name) ? name : quoted(name)
    }

    private static func isName(_ name: String, colonAllowed: Bool) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !isFirst: break
            case UInt8(ascii: ":") where colonAllowed: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}
