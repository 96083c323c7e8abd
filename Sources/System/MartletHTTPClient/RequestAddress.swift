import CCurl

/// A request's URL, taken apart and checked.
struct RequestAddress {
    var scheme: String
    var host: String
    var port: Int
    var hasOwnPort: Bool

    /// `host:port`, which is all that messages tell of a URL: the rest may hold secrets.
    var place: String { "\(host):\(port)" }

    /// A mail server's address.
    init(mailHost host: String, port: Int) {
        scheme = "smtp"
        self.host = host
        self.port = port
        hasOwnPort = true
    }

    init(_ url: String) throws(HTTPClientError) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .badURL("malformed URL: it holds a space or a control character")
        }
        guard url.utf8.count <= 64 << 10 else { throw .badURL("malformed URL: it is longer than 64 KiB") }
        guard let handle = unsafe curl_url() else { throw .badURL("no memory for a URL") }
        defer { unsafe curl_url_cleanup(handle) }
        let status = unsafe curl_url_set(handle, CURLUPART_URL, url, 0)
        guard status == CURLUE_OK else {
            throw .badURL("malformed URL: it has to look like http://host:port/path")
        }
        guard let scheme = unsafe Self.part(CURLUPART_SCHEME, of: handle)?.lowercased(),
            scheme == "http" || scheme == "https"
        else { throw .badURL("malformed URL: it has to begin with http:// or https://") }
        guard let host = unsafe Self.part(CURLUPART_HOST, of: handle), !host.isEmpty else {
            throw .badURL("malformed URL: it names no host")
        }
        self.scheme = scheme
        self.host = host
        let port = unsafe Self.part(CURLUPART_PORT, of: handle).flatMap { Int($0) }
        hasOwnPort = port != nil
        self.port = port ?? (scheme == "https" ? 443 : 80)
    }

    /// The URL with another host.
    static func url(_ url: String, withHost host: String) -> String? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
            unsafe curl_url_set(handle, CURLUPART_HOST, host, 0) == CURLUE_OK
        else { return nil }
        return unsafe part(CURLUPART_URL, of: handle)
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
