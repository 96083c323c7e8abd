/// Texts made safe for the place they go to.
public enum TemplateEscaping {
    /// For HTML text and attributes.
    public static func html(_ text: String) -> String {
        escaped(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&#34;"
            case "'": "&#39;"
            case "\0": "\u{fffd}"
            default: nil
            }
        }
    }

    /// For a text within quotes in JavaScript.
    public static func javaScript(_ text: String) -> String {
        escaped(text) { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "'": "\\'"
            case "\"": "\\\""
            case "<": "\\u003C"
            case ">": "\\u003E"
            case "&": "\\u0026"
            case "=": "\\u003D"
            case let control where control.value < 0x20:
                "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16, uppercase: true)
            default: nil
            }
        }
    }

    /// For a value in a URL's query; a space becomes `+`.
    public static func query(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += "+"
            default:
                result += "%"
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }

    private static func escaped(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if let text = replacement(scalar) { result += text } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
