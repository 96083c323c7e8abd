import FoundationEssentials
import MartletHTTPClient
import MartletHTTPServer

/// Asks a running server.
struct APIClient: Sendable {
    /// The option that all verbs with a server share.
    static let option = Syntax.Option(
        name: "--url",
        value: "URL",
        help: "the server (default http://127.0.0.1:9090, or MARTLET_URL)"
    )

    private let base: String
    private let client: HTTPClient

    /// Finds the server's address: `--url`, the variable `MARTLET_URL`, or the default port on this machine.
    init(_ arguments: Arguments) throws {
        var url = arguments["--url"] ?? Environment["MARTLET_URL"] ?? "http://127.0.0.1:9090"
        while url.hasSuffix("/") { url.removeLast() }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw UsageError("--url needs an address that begins with http:// or https://; got \"\(url)\"")
        }
        base = url
        client = try HTTPClient()
    }

    /// The `data` of an answer of the Prometheus API.
    ///
    /// - Throws: ``Failure`` with the server's message, or status 3 when no server answers.
    func data(_ path: String, _ parameters: [(String, String)] = []) async throws -> JSONValue {
        let answer = try await answer(path, parameters)
        return answer["data"]
    }

    /// The `data` of an answer to a request that changes something.
    ///
    /// - Throws: ``Failure`` with the server's message, or status 3 when no server answers.
    func post(_ path: String) async throws -> JSONValue {
        try await answer(path, method: "POST")["data"]
    }

    /// A whole answer of the Prometheus API; warnings and infos stand beside its `data`.
    func answer(
        _ path: String,
        _ parameters: [(String, String)] = [],
        method: String = "GET"
    ) async throws -> JSONValue {
        let query = parameters.map { "\($0.0)=\(FormEncoding.percentEncoded($0.1))" }.joined(separator: "&")
        var request = OutgoingRequest(method, url: base + path + (query.isEmpty ? "" : "?\(query)"))
        request.timeout = .seconds(150)
        let response: IncomingResponse
        do {
            response = try await client.send(request)
        } catch HTTPClientError.badURL(let message) {
            throw UsageError(message)
        } catch {
            throw Failure(
                "cannot reach the server at \(base): \(error.description); start it with \"martlet serve\" or name it with --url",
                status: .unreachable
            )
        }
        if response.status == 401 || response.status == 403 {
            throw Failure("the server at \(base) answered \(response.status): not authorised", status: .unauthorised)
        }
        guard let answer = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body)) else {
            throw Failure(
                "the server at \(base) answered \(response.status) without JSON; is it Martlet or Prometheus?"
            )
        }
        guard answer["status"].text == "success" else { throw Failure(answer["error"].text) }
        return answer
    }
}
