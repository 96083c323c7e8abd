import Foundation
import MartletCore
import MartletHTTPServer
import MartletLogging
import Testing

@testable import MartletServer

/// What pages and commands look at, asked of a server that has a configuration and has not begun to work.
@Suite("Looking at a server")
struct LookingTests {
    private static let configuration = """
        receivers: [{name: team}, {name: boss}]
        route: {receiver: team, routes: [{match: {severity: critical}, receiver: boss}]}
        scrape_configs:
          - job_name: node
            basic_auth: {username: u, password: hush}
            static_configs: [{targets: ['127.0.0.1:1']}]
            relabel_configs:
              - {source_labels: [__address__], regex: '(.*):.*', target_label: host}
              - {source_labels: [host], regex: 'db.*', action: drop}
              - {source_labels: [host], modulus: 8, target_label: shard, action: hashmod}
        """

    /// What a server answers to some questions: each status with the JSON.
    private func answers(_ questions: [(path: String, query: [(name: String, value: String)])]) throws -> [(
        status: Int, json: JSONValue
    )] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = Server.Options()
        options.dataDirectory = folder.appending(path: "data").path
        let file = folder.appending(path: "martlet.yml").path
        try Data(Self.configuration.utf8).write(to: URL(filePath: file))
        options.configurationFile = file
        let server = try Server(options, logger: .silent)
        defer { try? server.store.close() }
        let router = server.listenerContext().mainRouter
        return try questions.map { path, query in
            let request = HTTPRequest(method: "GET", path: path, query: query)
            guard case .handler(let handler, let values, _) = router.match(request) else {
                throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: path])
            }
            let response = handler(request, values)
            guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
            return (response.status, try JSONParser.parse(bytes))
        }
    }

    @Test func `a job's relabelling is told rule by rule`() throws {
        let path = "/api/v1/targets/relabel_steps"
        let found = try answers([
            (path, [("scrapePool", "node"), ("labels", #"{"__address__":"web1:9100"}"#)]),
            (path, [("scrapePool", "node"), ("labels", #"{"__address__":"db1:9100"}"#)]),
            (path, [("scrapePool", "node")]), (path, [("labels", "{}")]),
            (path, [("scrapePool", "nod"), ("labels", "{}")]),
            (path, [("scrapePool", "node"), ("labels", #"{"a":1}"#)]),
            ("/api/v1/scrape_pools/config", [("scrapePool", "node")]),
        ])
        let web = try #require(found[0].json["data"]?["steps"]?.elements)
        #expect(web.map { $0["keep"] } == [.bool(true), .bool(true), .bool(true)])
        #expect(web.map { $0["output"]?["host"]?.text } == ["web1", "web1", "web1"])
        #expect(web[0]["rule"]?["source_labels"]?.elements?.compactMap(\.text) == ["__address__"])
        #expect(web[0]["rule"]?["action"]?.text == "replace")
        #expect(web[2]["rule"]?["modulus"]?.double == 8)
        #expect(web[2]["output"]?["shard"]?.text?.count == 1)
        let database = try #require(found[1].json["data"]?["steps"]?.elements)
        #expect(database.map { $0["keep"] } == [.bool(true), .bool(false), .bool(false)])
        #expect(database[1]["output"]?.members?.isEmpty == true)
        #expect(found[2...5].map(\.status) == [400, 400, 400, 400])
        #expect(
            found[2...5].map { $0.json["error"]?.text } == [
                "no labels parameter provided", "no scrapePool parameter provided",
                #"error getting scrape config: scrape pool "nod" not found"#,
                "error parsing labels: they must be a JSON object of texts",
            ]
        )
        let yaml = try #require(found[6].json["data"]?["yaml"]?.text)
        #expect(yaml.contains("job_name: node") && yaml.contains("<secret>") && !yaml.contains("hush"), "\(yaml)")
    }
}
