/// An answer that the server gives without asking its handler.
struct Refusal: Error {
    var reason: HTTPRefusal
    var status: Int
    var message: String

    static func malformed(_ message: String) -> Refusal {
        Refusal(reason: .malformed, status: 400, message: message)
    }

    static func ambiguous(_ message: String) -> Refusal {
        Refusal(reason: .ambiguous, status: 400, message: message)
    }

    static func overloaded(_ message: String) -> Refusal {
        Refusal(reason: .overloaded, status: 503, message: message)
    }

    static func bodyTooLarge(limit: Int) -> Refusal {
        Refusal(reason: .bodyTooLarge, status: 413, message: "body exceeds the limit of \(limit) bytes")
    }

    /// The answer; the connection ends with it, as what follows on it cannot be trusted or is not wanted.
    var response: HTTPResponse {
        var response = HTTPResponse.text(message + "\n", status: status)
        response.headers["Connection"] = "close"
        if reason == .overloaded { response.headers["Retry-After"] = "1" }
        return response
    }
}
