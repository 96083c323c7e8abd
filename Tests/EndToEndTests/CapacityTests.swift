import Foundation
import Testing

/// What history tells of the time that is left.
@Suite("Capacity", .fewAtOnce)
struct CapacityTests {
    /// The first query of the guide.
    static func documentedQuery() throws -> String {
        let page = try String(contentsOf: Tools.root.appending(path: "docs/guide/capacity.md"), encoding: .utf8)
        let block = try #require(page.split(separator: "```promql\n").dropFirst().first?.split(separator: "```").first)
        return block.split(separator: "\n").joined(separator: " ")
    }

    @Test func `a history of free space gives the days until it is full`() async throws {
        let now = Int(Date().timeIntervalSince1970)
        // 22 hours in which 1 GiB goes a day, of the 5 GiB that are left now; beside it one that stays, one that empties.
        let gibibyte = 1_073_741_824.0
        var text = "# TYPE system_filesystem_usage_bytes gauge\n"
        for (mountpoint, perDay) in [("/filling", -1.0), ("/still", 0), ("/emptying", 2)] {
            for minutes in stride(from: 22 * 60, through: 0, by: -10) {
                let free = gibibyte * (5 - perDay * Double(minutes) / 1440)
                text += "system_filesystem_usage_bytes{device=\"/dev/x\",instance=\"h\",job=\"host\",mountpoint="
                text += "\"\(mountpoint)\",state=\"free\",type=\"ext4\"} \(Int(free)) \(now - minutes * 60)\n"
            }
        }
        let folder = try Folder()
        let file = try folder.write("history.om", text + "# EOF\n")
        let data = folder.url.appending(path: "data").path
        let imported = try await Tools.run(Tools.martlet, "import", file, "--data-dir", data)
        #expect(imported.status == 0, "\(imported.output)\(imported.error)")
        let server = try await ServerUnderTest(in: folder)
        let query = try Self.documentedQuery()
        let days = try await server.query("(\(query)) / 86400").filter { $0.key["device"] == "/dev/x" }
        #expect(days.keys.map { $0["mountpoint"] } == ["/filling"])
        #expect(abs((days.values.first ?? 0) - 5) < 0.1, "\(days)")
    }
}
