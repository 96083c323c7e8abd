/// The request line and the header fields, checked.
struct RequestHead {
    var method: String
    var uri: String
    var version: String
    var headers: HTTPHeaders

    /// What the header says about the body: its length, or that it comes in chunks.
    enum Length: Equatable {
        case known(Int)
        case chunked
    }

    /// Refuses whatever two programs could read in two ways.
    func check() throws(Refusal) -> Length {
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw Refusal(reason: .unsupported, status: 505, message: "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        guard Self.isToken(method) else { throw .malformed("malformed method") }
        guard !uri.utf8.isEmpty, uri.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .malformed("malformed request target")
        }
        for (name, value) in headers.fields {
            guard Self.isToken(name) else { throw .malformed("malformed header name") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .malformed("header \(name.lowercased()) holds a control character")
            }
        }
        let hosts = headers.values(of: "host")
        guard hosts.count <= 1 else { throw .ambiguous("more than one host header") }
        guard hosts.count == 1 || version == "HTTP/1.0" else { throw .malformed("no host header") }
        return try length()
    }

    private func length() throws(Refusal) -> Length {
        let encodings = headers.values(of: "transfer-encoding")
        let lengths = headers.values(of: "content-length")
        guard lengths.count <= 1 else { throw .ambiguous("more than one content-length header") }
        if let encoding = encodings.first {
            guard lengths.isEmpty else { throw .ambiguous("content-length together with transfer-encoding") }
            guard encodings.count == 1 else { throw .ambiguous("more than one transfer-encoding header") }
            guard version == "HTTP/1.1" else { throw .ambiguous("transfer-encoding in HTTP/1.0") }
            guard encoding.lowercased() == "chunked" else {
                throw Refusal(
                    reason: .unsupported,
                    status: 501,
                    message: "transfer-encoding has to be chunked, nothing else"
                )
            }
            return .chunked
        }
        guard let length = lengths.first else { return .known(0) }
        let isNumber =
            !length.isEmpty && length.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber else { throw .malformed("content-length is not a number") }
        // Too many digits for 64 bits is too large a body, whatever the limit.
        return .known(Int(length) ?? .max)
    }

    /// The path and the query as sent; an address with scheme and host, as proxies get it, loses both.
    func target() throws(Refusal) -> (path: String, query: String) {
        var target = Substring(uri)
        if !target.hasPrefix("/") {
            if target == "*" { return ("*", "") }
            let lower = target.prefix(8).lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
                throw .malformed("request target has to begin with a slash")
            }
            target = target.dropFirst(lower.hasPrefix("https") ? 8 : 7)
            guard let slash = target.firstIndex(of: "/") else { return ("/", "") }
            target = target[slash...]
        }
        if let fragment = target.utf8.firstIndex(of: UInt8(ascii: "#")) { target = target[..<fragment] }
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (String(target), "") }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }

    /// Whether a text is a token of RFC 9110, section 5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.utf8.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
