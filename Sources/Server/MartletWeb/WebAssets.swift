public import MartletHTTPServer

/// The files of the web page, embedded in the binary.
public enum WebAssets {
    /// What a browser may do with our answers: run and show what this origin serves, and nothing else.
    ///
    /// No inline script or style is allowed, so text that reached the page as markup by mistake would stay inert.
    public static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// All files, ordered by path.
    public static let all: [WebAsset] = load()

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    /// The file served at a path, or `nil`.
    ///
    /// `/graph`, where links to Prometheus lead, is the page too: it reads their parameters.
    ///
    /// - Complexity: O(1); the first call hashes and compresses all files, a few milliseconds.
    public static func file(path: String) -> WebAsset? {
        switch path {
        case "/graph", "/index.html": byPath["/"]
        default: byPath[path]
        }
    }

    /// The answer to a request for a file of the page, or `nil` when the path is none of them.
    ///
    /// `GET` and `HEAD` are answered, others with 405. The entity tag is checked against `If-None-Match`; browsers
    /// ask each time, so that a new binary's page is never mixed with an old one's.
    public static func answer(to request: HTTPRequest) -> HTTPResponse? {
        guard let asset = file(path: request.path) else { return nil }
        guard request.method == "GET" || request.method == "HEAD" else {
            var refusal = HTTPResponse.text("use GET for \(request.path)\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal
        }
        let compressed = request.acceptsGzip ? asset.compressed : nil
        // One tag a coding: the two are different bytes, and a strong tag promises the same ones.
        let tag = compressed == nil ? asset.entityTag : asset.entityTag.dropLast() + "-gzip\""
        var headers: HTTPHeaders = [
            "ETag": String(tag), "Cache-Control": "no-cache", "Vary": "Accept-Encoding",
            "Content-Security-Policy": contentSecurityPolicy, "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
        ]
        if isKnown(String(tag), to: request.headers.values(of: "If-None-Match")) {
            return HTTPResponse(status: 304, headers: headers)
        }
        headers["Content-Type"] = asset.contentType
        guard let compressed else {
            return HTTPResponse(status: 200, headers: headers, body: .static(asset.content))
        }
        headers["Content-Encoding"] = "gzip"
        return HTTPResponse(status: 200, headers: headers, body: .bytes(compressed))
    }

    private static func isKnown(_ tag: String, to values: [String]) -> Bool {
        values.joined(separator: ",").split(separator: ",").contains { item in
            let candidate = item.filter { $0 != " " }
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}
