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
    func data(_ path: String, _ parameters: [(String, String)] = []) async throws -> Answer {
        let answer = try await answer(path, parameters)
        return answer["data"]
    }

    /// A whole answer of the Prometheus API; warnings and infos stand beside its `data`.
    func answer(_ path: String, _ parameters: [(String, String)] = []) async throws -> Answer {
        let query = Self.form(parameters)
        return try prometheus(try await send("GET", path + (query.isEmpty ? "" : "?\(query)")))
    }

    /// The `data` of an answer to a form.
    func post(_ path: String, _ parameters: [(String, String)] = []) async throws -> Answer {
        let type = "application/x-www-form-urlencoded"
        return try prometheus(try await send("POST", path, body: Self.form(parameters), type: type))["data"]
    }

    /// Deletes what a path names.
    func delete(_ path: String, _ parameters: [(String, String)] = []) async throws {
        let query = Self.form(parameters)
        let response = try await send("DELETE", path + (query.isEmpty ? "" : "?\(query)"))
        guard response.status != 204 else { return }
        _ = try prometheus(response)
    }

    /// An answer of Alertmanager's API, which has no envelope; its errors are texts.
    func alertmanager(_ method: String, _ path: String, body: String? = nil) async throws -> Answer {
        let response = try await send(method, "/api/v2/" + path, body: body, type: "application/json")
        let answer = Answer(response.body)
        guard (200..<300).contains(response.status) else {
            let text = answer?.text ?? ""
            throw Failure(
                text.isEmpty ? "the server at \(base) answered \(response.status)" : text,
                status: response.status == 404 ? .nothingFound : .failure
            )
        }
        return answer ?? Answer(nil)
    }

    /// A JSON answer of any form; one of 4xx is a failure, one of 5xx may be a state that was asked for.
    func plain(_ path: String, _ parameters: [(String, String)] = []) async throws -> Answer {
        let query = Self.form(parameters)
        let response = try await send("GET", path + (query.isEmpty ? "" : "?\(query)"))
        guard let answer = Answer(response.body) else {
            throw Failure("the server at \(base) answered \(response.status) without JSON to \(path)")
        }
        guard !(400..<500).contains(response.status) else {
            let text = answer["error"].text
            throw Failure(
                text.isEmpty ? "the server at \(base) answered \(response.status)" : text,
                status: response.status == 404 ? .nothingFound : .failure
            )
        }
        return answer
    }

    /// An answer as it came, whatever it is.
    func bytes(_ path: String, _ parameters: [(String, String)] = []) async throws -> (status: Int, body: [UInt8]) {
        let query = Self.form(parameters)
        let response = try await send("GET", path + (query.isEmpty ? "" : "?\(query)"))
        return (response.status, response.body)
    }

    private static func form(_ parameters: [(String, String)]) -> String {
        parameters.map { "\($0.0)=\(FormEncoding.percentEncoded($0.1))" }.joined(separator: "&")
    }

    private func send(
        _ method: String,
        _ path: String,
        body: String? = nil,
        type: String? = nil
    ) async throws -> IncomingResponse {
        var request = OutgoingRequest(method, url: base + path, body: body.map { Array($0.utf8) })
        if let type { request.headers.append(("Content-Type", type)) }
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
        return response
    }

    private func prometheus(_ response: IncomingResponse) throws -> Answer {
        guard let answer = Answer(response.body) else {
            throw Failure(
                "the server at \(base) answered \(response.status) without JSON; is it Martlet or Prometheus?"
            )
        }
        guard answer["status"].text == "success" else {
            throw Failure(
                answer["error"].text,
                status: answer["errorType"].text == "not_found" ? .nothingFound : .failure
            )
        }
        return answer
    }
}
