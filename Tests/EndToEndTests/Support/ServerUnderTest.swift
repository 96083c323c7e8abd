import Foundation
import MartletHTTPClient
import MartletHTTPServer
import Testing

/// A `martlet serve` that a test started, on ports of the system's choice.
final class ServerUnderTest: Sendable {
    let folder: Folder
    let process: ChildProcess
    let url: String
    let healthURL: String?
    let otlpURL: String?
    let grpcURL: String?
    private let client: HTTPClient

    /// Starts a server and waits until it says that it is ready; it gets the text of a configuration file, whether it
    /// has a health listener and ones for OTLP, and more options.
    init(
        in folder: Folder? = nil,
        configuration: String? = nil,
        health: Bool = false,
        otlp: Bool = false,
        grpc: Bool = false,
        environment: [String: String] = [:],
        _ arguments: String...
    ) async throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        client = try HTTPClient()
        var words = [
            "serve", "--data-dir", folder.url.appending(path: "data").path, "--listen", "127.0.0.1:0",
            "--health-listen", health ? "127.0.0.1:0" : "none",
            "--otlp-http-listen", otlp ? "127.0.0.1:0" : "none",
            "--otlp-grpc-listen", grpc ? "127.0.0.1:0" : "none",
        ]
        if let configuration { words += ["--config", try folder.write("martlet.yml", configuration)] }
        let process = try ChildProcess(
            Tools.martlet,
            words + arguments,
            environment: environment,
            directory: folder.url
        )
        self.process = process
        let ready = try await eventually("the server says that it is ready; it printed:\n\(process.text)") {
            guard process.isRunning else { throw Problem("the server ended: \(process.text)") }
            return process.text.contains("data ") ? process.text : nil
        }
        url = try #require(Self.address("web page", in: ready))
        healthURL = Self.address("health", in: ready)
        otlpURL = Self.address("otlp", in: ready)
        grpcURL = Self.address("grpc", in: ready)
    }

    /// The body of an answer with status 200.
    func get(_ path: String, _ parameters: [(String, String)] = [], headers: [(String, String)] = []) async throws
        -> String
    {
        let response = try await send("GET", path, parameters, headers: headers)
        guard response.status == 200 else {
            throw Problem("\(path) answered \(response.status): \(String(decoding: response.body, as: UTF8.self))")
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    /// Any answer.
    func send(
        _ method: String,
        _ path: String,
        _ parameters: [(String, String)] = [],
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> IncomingResponse {
        let query = parameters.map { "\($0.0)=\(FormEncoding.percentEncoded($0.1))" }.joined(separator: "&")
        var request = OutgoingRequest(method, url: url + path + (query.isEmpty ? "" : "?\(query)"), body: body)
        request.headers = headers.map { (name: $0.0, value: $0.1) }
        request.timeout = .seconds(30)
        return try await client.send(request)
    }

    /// The `data` of an answer of the Prometheus API.
    func data(_ path: String, _ parameters: [(String, String)] = []) async throws -> JSON {
        try JSON(await get("/api/v1/" + path, parameters))["data"]
    }

    /// The values of an instant query, by the series' labels as text.
    func query(_ expression: String) async throws -> [[String: String]: Double] {
        let elements = try await data("query", [("query", expression)])["result"].elements
        return Dictionary(
            uniqueKeysWithValues: elements.map { element in
                (element["metric"].members.mapValues(\.text), Double(element["value"].elements[1].text) ?? .nan)
            }
        )
    }

    private static func address(_ name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where line.drop(while: { $0 == " " }).hasPrefix(name) {
            guard let start = line.range(of: "http") else { continue }
            var url = String(line[start.lowerBound...].prefix { $0 != " " })
            if url.hasSuffix("/health") { url.removeLast(7) }
            while url.hasSuffix("/") { url.removeLast() }
            return url
        }
        return nil
    }
}
