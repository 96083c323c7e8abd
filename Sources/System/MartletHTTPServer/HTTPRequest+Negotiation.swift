extension HTTPRequest {
    /// Whether the answer may be gzip: `Accept-Encoding` names it, or covers it by `*`, with a quality above zero.
    public var acceptsGzip: Bool {
        var named: Bool?
        var any = false
        for item in headers.values(of: "Accept-Encoding").joined(separator: ",").split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let coding = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if coding == "gzip" || coding == "x-gzip" { named = quality > 0 }
            if coding == "*" { any = quality > 0 }
        }
        return named ?? any
    }
}
