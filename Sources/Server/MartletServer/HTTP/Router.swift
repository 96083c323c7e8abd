import MartletHTTPServer

/// Finds the handler of a request by its path and method.
///
/// A pattern's segments are literal or, in braces, a name that takes any one segment: `/api/v1/label/{name}/values`.
struct Router: Sendable {
    /// Answers a request; `values` are the segments that the pattern's names took, decoded.
    typealias Handler = @Sendable (_ request: HTTPRequest, _ values: [String: String]) -> HTTPResponse

    private struct Route: Sendable {
        let pattern: String
        let segments: [Substring]
        var handlers: [String: Handler]
    }

    /// What a look-up found.
    enum Match {
        case handler(Handler, values: [String: String], pattern: String)
        case wrongMethod(allowed: [String], pattern: String)
        case notFound
    }

    private var literals: [String: Route] = [:]
    private var patterns: [Route] = []

    /// Adds a route for some methods.
    mutating func add(_ methods: String..., path: String, _ handler: @escaping Handler) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        let added = Dictionary(uniqueKeysWithValues: methods.map { ($0, handler) })
        if segments.contains(where: { $0.hasPrefix("{") }) {
            if let index = patterns.firstIndex(where: { $0.pattern == path }) {
                patterns[index].handlers.merge(added) { _, new in new }
            } else {
                patterns.append(Route(pattern: path, segments: segments, handlers: added))
            }
        } else {
            literals[path, default: Route(pattern: path, segments: segments, handlers: [:])].handlers
                .merge(added) { _, new in new }
        }
    }

    /// Every path with its methods, sorted.
    var paths: [(path: String, methods: [String])] {
        (literals.values + patterns).map { ($0.pattern, $0.handlers.keys.sorted()) }.sorted { $0.0 < $1.0 }
    }

    /// Finds what answers a request; HEAD is answered as GET.
    func match(_ request: HTTPRequest) -> Match {
        if let route = literals[request.path] { return resolve(route, request.method, [:]) }
        let segments = request.rawPath.split(separator: "/", omittingEmptySubsequences: true)
        for route in patterns where route.segments.count == segments.count {
            if let values = Self.values(of: route.segments, in: segments) {
                return resolve(route, request.method, values)
            }
        }
        return .notFound
    }

    private func resolve(_ route: Route, _ method: String, _ values: [String: String]) -> Match {
        if let handler = route.handlers[method] ?? (method == "HEAD" ? route.handlers["GET"] : nil) {
            return .handler(handler, values: values, pattern: route.pattern)
        }
        let allowed = route.handlers.keys.sorted() + (route.handlers["GET"] == nil ? [] : ["HEAD"])
        return .wrongMethod(allowed: allowed, pattern: route.pattern)
    }

    private static func values(of pattern: [Substring], in segments: [Substring]) -> [String: String]? {
        var values: [String: String] = [:]
        for (expected, actual) in zip(pattern, segments) {
            if expected.hasPrefix("{") {
                values[String(expected.dropFirst().dropLast())] = FormEncoding.percentDecoded(actual.utf8)
            } else if expected != actual {
                return nil
            }
        }
        return values
    }
}
