import Foundation
import MartletCore
import MartletHTTPServer
import MartletLogging
import MartletWeb
import Testing

@testable import MartletServer

@Suite("Description of the API")
struct DescriptionTests {
    @Test func `what is described is served, and what is served beside the page is described`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = Server.Options()
        options.dataDirectory = folder.path
        let server = try Server(options, logger: .silent)
        let served = Dictionary(server.listenerContext().mainRouter.paths.map { ($0.path, Set($0.methods)) }) { $1 }
        var described: [String: Set<String>] = [:]
        for operation in APIDescription.operations {
            for method in operation.methods {
                let isFirst = described[operation.path, default: []].insert(method).inserted
                #expect(isFirst, "\(method) \(operation.path)")
            }
        }
        let page = Set(WebAssets.all.map(\.path) + ["/graph", "/index.html"])
        #expect(page.contains("/"))
        for (path, methods) in served where !page.contains(path) {
            let told = described.removeValue(forKey: path)
            // What refuses to administer while it is switched off does so by more methods than there are.
            let isRefusal = path.hasPrefix("/api/v1/admin/") && told?.isSubset(of: methods) == true
            #expect(told == methods || isRefusal, "\(path)")
        }
        #expect(described.isEmpty, "described and not served: \(described.keys.sorted())")
        try server.store.close()
    }

    @Test func `has every operation once, each with an id of its own`() throws {
        var router = Router()
        APIDescription().addRoutes(to: &router)
        let request = HTTPRequest(method: "GET", path: "/openapi.json")
        guard case .handler(let handler, let values, _) = router.match(request) else {
            Issue.record("the description is not served")
            return
        }
        guard case .bytes(let bytes) = handler(request, values).body else {
            Issue.record("the description is no list of bytes")
            return
        }
        let document = try JSONParser.parse(bytes)
        #expect(document["openapi"]?.text == "3.1.0")
        let paths = try #require(document["paths"]?.members)
        let operations = paths.flatMap { Array($0.value.members ?? [:]) }
        let ids = operations.compactMap { $0.value["operationId"]?.text }
        #expect(ids.count == APIDescription.operations.reduce(0) { $0 + $1.methods.count })
        #expect(Set(ids).count == ids.count)
        let silence = document["paths"]?["/api/v2/silence/{id}"]
        #expect(silence?["get"]?["operationId"]?.text == "api-v2-silence-id")
        #expect(silence?["delete"]?["operationId"]?.text == "api-v2-silence-id-delete")
        #expect(document["paths"]?["/api/v2/alerts"]?["post"]?["requestBody"]?["required"] == .bool(true))
    }
}
