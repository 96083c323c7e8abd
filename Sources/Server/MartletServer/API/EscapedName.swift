/// Names in UTF-8 as paths carry them, where only letters, digits and underscores are safe: `U__http_2e_status`.
///
/// - SeeAlso: [Escaping schemes](https://github.com/prometheus/proposals/blob/main/proposals/2023-08-21-utf8.md)
enum EscapedName {
    /// The name that is meant; one that is not escaped, or badly, stays as it is.
    static func plain(_ name: String) -> String {
        guard name.hasPrefix("U__") else { return name }
        var result = String.UnicodeScalarView()
        var rest = name.unicodeScalars.dropFirst(3)
        while let scalar = rest.popFirst() {
            guard scalar == "_" else {
                result.append(scalar)
                continue
            }
            if rest.first == "_" {
                rest.removeFirst()
                result.append("_")
                continue
            }
            let digits = rest.prefix { $0 != "_" }
            guard (1...6).contains(digits.count), digits.endIndex < rest.endIndex,
                let code = UInt32(String(String.UnicodeScalarView(digits)), radix: 16),
                let decoded = Unicode.Scalar(code)
            else { return name }
            result.append(decoded)
            rest = rest[digits.endIndex...].dropFirst()
        }
        return String(result)
    }
}
