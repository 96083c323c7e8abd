import Foundation
import MartletHTTPClient
import MartletHTTPServer
import Testing

/// A real Prometheus that a test started, with its data in a temporary directory.
final class PrometheusUnderTest: Sendable {
    let process: ChildProcess
    let url: String
    private let folder: Folder
    private let client: HTTPClient

    /// Starts it with scrape jobs, as YAML list items, and feature flags.
    init(jobs: String, features: [String] = []) throws {
        folder = try Folder()
        client = try HTTPClient()
        let port = try Tools.freePort()
        let file = try folder.write("prometheus.yml", "global: {scrape_interval: 1s}\nscrape_configs:\n" + jobs)
        var arguments = [
            "--config.file=\(file)", "--storage.tsdb.path=\(folder.url.appending(path: "data").path)",
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=debug",
        ]
        if !features.isEmpty { arguments.append("--enable-feature=" + features.joined(separator: ",")) }
        process = try ChildProcess("prometheus", arguments, directory: folder.url)
        url = "http://127.0.0.1:\(port)"
    }

    /// The `data` of an answer of the API; `nil` while it is not up.
    func data(_ path: String, _ parameters: [(String, String)]) async throws -> JSON? {
        let query = parameters.map { "\($0.0)=\(FormEncoding.percentEncoded($0.1))" }.joined(separator: "&")
        guard let answer = try? await client.send(OutgoingRequest(url: "\(url)/api/v1/\(path)?\(query)")) else {
            guard process.isRunning else { throw Problem("prometheus ended: \(process.text)") }
            return nil
        }
        guard answer.status == 200 else { return nil }
        return try JSON(String(decoding: answer.body, as: UTF8.self))["data"]
    }

    /// The values of an instant query, as texts by the labels of their series.
    func query(_ expression: String) async throws -> [[String: String]: String] {
        let elements = try await data("query", [("query", expression)])?["result"].elements ?? []
        // A native histogram has no value that is one number.
        return Dictionary(
            uniqueKeysWithValues: elements.compactMap { element in
                element["value"].elements.last.map { (element["metric"].members.mapValues(\.text), $0.text) }
            }
        )
    }
}
