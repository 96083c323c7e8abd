import MartletCompression
import MartletHTTPServer

/// Compresses answers for clients that accept gzip.
enum ResponseCompression {
    /// Bodies below this many bytes are sent as they are: they fit into one packet.
    private static let bytesMin = 1400

    /// The answer, compressed where the client accepts it and it is worth it.
    static func apply(to response: HTTPResponse, for request: HTTPRequest) -> HTTPResponse {
        guard case .bytes(let bytes) = response.body, bytes.count >= bytesMin,
            response.headers["Content-Encoding"] == nil, accepts(request.headers["Accept-Encoding"])
        else { return response }
        var response = response
        response.body = .bytes(Gzip.compress(bytes, level: 1))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return response
    }

    /// Whether an `Accept-Encoding` header allows gzip, with a quality above zero.
    static func accepts(_ header: String?) -> Bool {
        for element in (header ?? "").lowercased().split(separator: ",") {
            let parts = element.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let coding = parts.first.map({ String($0).filter { $0 != " " } }), coding == "gzip" || coding == "*"
            else {
                continue
            }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap {
                Double($0.dropFirst(2).filter { $0 != " " })
            }
            return (quality ?? 1) > 0
        }
        return false
    }
}
