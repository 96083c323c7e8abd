import MartletCompression
import MartletHTTPServer
import MartletOTLP

/// A way to write OTLP messages, by its content type; an answer has that of its request.
enum OTLPForm: String, CaseIterable {
    case protobuf = "application/x-protobuf"
    case json = "application/json"

    func response(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": rawValue], body: .bytes(bytes))
    }

    func response(_ problem: RPCStatus, status: Int) -> HTTPResponse {
        response(self == .json ? problem.json() : problem.protobuf(), status: status)
    }

    /// The answer to a request that is not taken; one that may be sent again later says when.
    func refusal(_ problem: RPCStatus) -> HTTPResponse {
        switch problem.code {
        case .invalidArgument: return response(problem, status: 400)
        case .resourceExhausted: return response(problem, status: 413)
        case .unavailable:
            var response = response(problem, status: 503)
            response.headers["Retry-After"] = "5"
            return response
        }
    }

    /// A request that cannot be read, with the answer that says why.
    struct Refusal: Error {
        let response: HTTPResponse
    }

    /// Finds out how a request is written, and takes the compression off.
    static func read(_ request: HTTPRequest, bytesMax: Int) throws(Refusal) -> (form: OTLPForm, body: [UInt8]) {
        let type = (request.headers["Content-Type"] ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " }
        if type.hasPrefix("application/grpc") {
            throw Refusal(
                response: .text(
                    "this port speaks OTLP/HTTP; send gRPC to the port of --otlp-grpc-listen, 4317 by default\n",
                    status: 415
                )
            )
        }
        guard let form = OTLPForm(rawValue: type) else {
            let known = allCases.map(\.rawValue).joined(separator: " or ")
            throw Refusal(response: .text("send Content-Type: \(known); got \"\(type)\"\n", status: 415))
        }
        switch (request.headers["Content-Encoding"] ?? "identity").lowercased() {
        case "identity", "": return (form, request.body)
        case "gzip":
            do {
                return (form, try Gzip.decompress(request.body, limit: bytesMax))
            } catch {
                let isLarge = error == .tooLarge(limit: bytesMax)
                let problem = RPCStatus(
                    code: isLarge ? .resourceExhausted : .invalidArgument,
                    message: "cannot decompress the body: \(error)"
                )
                throw Refusal(response: form.refusal(problem))
            }
        case let encoding:
            throw Refusal(response: .text("send Content-Encoding: gzip or none; got \"\(encoding)\"\n", status: 415))
        }
    }
}
