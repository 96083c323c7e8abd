import MartletSeries

/// Prometheus' functions on texts, addresses and links.
extension TemplateFunctions {
    static let texts: [String: Function] = [
        "title": text(titled),
        "toUpper": text { $0.uppercased() },
        "toLower": text { $0.lowercased() },
        "stripPort": text { splitHostPort($0)?.host ?? $0 },
        "stripDomain": text(strippedDomain),
        "graphLink": text { "/graph?g0.expr=\(TemplateEscaping.query($0))&g0.tab=0" },
        "tableLink": text { tableLink($0) },
        "urlQueryEscape": text(TemplateEscaping.query),
        // Nothing here is ever taken as HTML without escaping, so there is nothing to mark as safe.
        "safeHtml": text { $0 },
        "match": Function(2...2) { arguments, context throws(TemplateFailure) in
            let source = try arguments[0].requireString()
            let pattern = try compiled("(?s:.*)(?-s:\(source))(?s:.*)", as: source, context)
            return .bool(pattern.matches(try arguments[1].requireString()))
        },
        "reReplaceAll": Function(3...3) { arguments, context throws(TemplateFailure) in
            let source = try arguments[0].requireString()
            let pattern = try compiled("(?-s:\(source))", as: source, context)
            return .string(
                pattern.replaceAll(in: try arguments[2].requireString(), with: try arguments[1].requireString())
            )
        },
        "externalURL": Function(0...0) { _, context in .string(context.externalURL) },
        "pathPrefix": Function(0...0) { _, context in .string(path(of: context.externalURL)) },
        "args": Function(0...Int.max) { arguments, _ in
            .map(Dictionary(uniqueKeysWithValues: arguments.enumerated().map { ("arg\($0.offset)", $0.element) }))
        },
    ]

    /// The address of the page that shows an expression's value as a table, without the server's own address.
    public static func tableLink(_ expression: String) -> String {
        "/graph?g0.expr=\(TemplateEscaping.query(expression))&g0.tab=1"
    }

    private static func text(_ body: @escaping @Sendable (String) -> String) -> Function {
        Function(1...1) { arguments, _ throws(TemplateFailure) in .string(body(try arguments[0].requireString())) }
    }

    private static func compiled(
        _ source: String,
        as written: String,
        _ context: TemplateContext
    ) throws(TemplateFailure) -> any Pattern {
        do throws(PatternError) {
            // Alone first: a stray parenthesis must not find its partner in what is put around it.
            _ = try context.patterns.compile(written)
            return try context.patterns.compile(source)
        } catch {
            throw TemplateFailure("bad regular expression \"\(written)\": \(error.description)")
        }
    }

    /// Each word with a capital first letter.
    private static func titled(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for character in text {
            let isLetter = character.isLetter || character.isNumber || character == "_" || character == "'"
            result += isLetter && !isInWord ? character.uppercased() : String(character)
            isInWord = isLetter
        }
        return result
    }

    /// The path of a URL, empty where it has none.
    private static func path(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url.hasPrefix("/") ? url : "" }
        let rest = url[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
    }

    // MARK: - Addresses

    /// Host and port of `host:port` or `[host]:port`; `nil` for anything else.
    static func splitHostPort(_ text: String) -> (host: String, port: String)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let port = String(text[text.index(after: colon)...])
        let host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count >= 2 else { return nil }
            let inner = host.dropFirst().dropLast()
            return inner.contains(where: { $0 == "[" || $0 == "]" }) || port.contains("]") ? nil : (String(inner), port)
        }
        guard !host.contains(where: { $0 == ":" || $0 == "[" || $0 == "]" }),
            !port.contains(where: { $0 == "]" || $0 == "[" })
        else { return nil }
        return (String(host), port)
    }

    /// The host's name up to its first dot, with its port; addresses stay whole.
    private static func strippedDomain(_ text: String) -> String {
        let (host, port) = splitHostPort(text) ?? (text, "")
        guard !isAddress(host) else { return text }
        let name = String(host.prefix { $0 != "." })
        guard !port.isEmpty else { return name }
        return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    }

    /// Whether a text is an IPv4 or IPv6 address.
    private static func isAddress(_ text: String) -> Bool {
        if isIPv4(text) { return true }
        guard text.contains(":") else { return false }
        var groups = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var count = 8
        if let last = groups.last, last.contains(".") {
            guard isIPv4(last) else { return false }
            groups.removeLast()
            count = 6
        }
        let isGroup = { (group: String) in group.utf8.count <= 4 && group.allSatisfy(\.isHexDigit) }
        guard groups.allSatisfy(isGroup), text.ranges(of: "::").count <= 1, !text.contains(":::") else { return false }
        if text.contains("::") { return groups.filter { !$0.isEmpty }.count < count }
        return groups.count == count && groups.allSatisfy { !$0.isEmpty }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && (Int(part) ?? 256) < 256 && (part.utf8.count == 1 || part.first != "0")
            }
    }
}
