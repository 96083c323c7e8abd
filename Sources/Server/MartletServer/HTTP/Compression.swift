import MartletCompression
import MartletHTTPServer

/// Compresses answers for clients that accept gzip.
enum ResponseCompression {
    /// Bodies below this many bytes are sent as they are: they fit into one packet.
    private static let bytesMin = 1400

    /// The answer, compressed where the client accepts it and it is worth it.
    static func apply(to response: HTTPResponse, for request: HTTPRequest) -> HTTPResponse {
        guard case .bytes(let bytes) = response.body, bytes.count >= bytesMin,
            response.headers["Content-Encoding"] == nil, request.acceptsGzip
        else { return response }
        var response = response
        response.body = .bytes(Gzip.compress(bytes, level: 1))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return response
    }
}
