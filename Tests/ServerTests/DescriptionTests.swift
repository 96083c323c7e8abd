import Foundation
import MartletCore
import MartletLogging
import Testing

@testable import MartletServer

@Suite("Description of the API")
struct DescriptionTests {
    @Test func `every described path is served with the described methods, and every query path is described`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = Server.Options()
        options.dataDirectory = folder.path
        let server = try Server(options, logger: .silent)
        let served = Dictionary(server.listenerContext().mainRouter.paths.map { ($0.path, Set($0.methods)) }) { $1 }
        let described = Dictionary(grouping: APIDescription.operations, by: \.path)
        for (path, operations) in described {
            #expect(operations.count == 1, "\(path) is described once")
            #expect(served[path]?.isSuperset(of: operations[0].methods) == true, "\(path)")
        }
        let prometheus = ["query", "query_range", "series", "labels", "rules", "alerts", "targets", "metadata", "read"]
        for name in prometheus { #expect(described["/api/v1/\(name)"] != nil, "\(name)") }
        try server.store.close()
    }
}
