/// Header lines as libcurl takes them, checked against injection.
enum HeaderLines {
    /// The lines of a request.
    ///
    /// - Throws: ``HTTPClientError/badURL(_:)`` for a name that is no token, or a value with a control character.
    static func lines(of request: OutgoingRequest) throws(HTTPClientError) -> [String] {
        guard isToken(request.method) else { throw .badURL("malformed method") }
        var lines: [String] = []
        var names: Set<String> = []
        for (name, value) in request.headers {
            try check(name, value)
            names.insert(name.lowercased())
            // Without a value libcurl takes "Name:" for a wish to leave the field out.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        if case .authorization(let scheme, let credentials) = request.credentials {
            guard isToken(scheme) else { throw .badURL("malformed authorization scheme") }
            try check("authorization", credentials)
            lines.append("Authorization: \(scheme) \(credentials)")
        }
        if case .basic(let user, let password) = request.credentials {
            try check("authorization", user)
            try check("authorization", password)
            guard !user.contains(":") else { throw .badURL("a user name must not hold a colon") }
        }
        // What libcurl would add by itself and the request did not ask for.
        if !names.contains("content-type") { lines.append("Content-Type:") }
        if !names.contains("expect") { lines.append("Expect:") }
        if !request.acceptsGzip, !names.contains("accept-encoding") { lines.append("Accept-Encoding: identity") }
        return lines
    }

    private static func check(_ name: String, _ value: String) throws(HTTPClientError) {
        guard isToken(name) else { throw .badURL("malformed header name") }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .badURL("header \(name.lowercased()) holds a control character")
        }
    }

    private static func isToken(_ text: String) -> Bool {
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
