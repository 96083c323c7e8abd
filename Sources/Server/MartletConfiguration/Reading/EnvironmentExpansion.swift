/// Replaces `${NAME}` in configured texts by environment variables.
///
/// A name is made of capitals, digits and `_` and begins with no digit. Everything else that holds a dollar sign
/// stays as it is, so that `$1`, `${1}`, `${name}` and `$value` in relabelling rules and templates, and passwords such
/// as `pa$$word`, mean what they mean in Prometheus. `$${NAME}` is the literal text `${NAME}`. What is put in is not
/// searched again.
enum EnvironmentExpansion {
    /// The text with its variables replaced, and the names that the environment lacks.
    static func expand(_ text: String, with environment: [String: String]) -> (text: String, missing: [String]) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, []) }
        var result = ""
        var missing: [String] = []
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$$"), let name = name(in: rest.dropFirst()) {
                result += "${\(name)}"
                rest = rest.dropFirst(name.count + 4)
            } else if let name = name(in: rest) {
                if let value = environment[name] { result += value } else { missing.append(name) }
                rest = rest.dropFirst(name.count + 3)
            } else {
                result.append("$")
                rest = rest.dropFirst()
            }
        }
        return (result + rest, missing)
    }

    /// The name of the `${NAME}` that a text begins with.
    private static func name(in text: Substring) -> String? {
        guard text.hasPrefix("${"), let end = text.firstIndex(of: "}") else { return nil }
        let name = text[..<end].dropFirst(2)
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isName ? String(name) : nil
    }
}
