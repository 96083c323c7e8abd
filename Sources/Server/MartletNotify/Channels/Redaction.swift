/// Takes an address' secret parts out of messages.
enum Redaction {
    /// A message without the user, password, path and query of an address that it may repeat.
    static func clean(_ message: String, of url: String) -> String {
        guard !url.isEmpty else { return message }
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let rest = afterScheme[authority.endIndex...]
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let user = authority.lastIndex(of: "@").map { authority[..<$0] } ?? ""
        let scheme = url[..<afterScheme.startIndex]
        var cleaned = message.replacing(url, with: "\(scheme)\(host)/<secret>")
        for part in [rest, user] where part.count > 1 { cleaned = cleaned.replacing(part, with: "<secret>") }
        return cleaned
    }
}
