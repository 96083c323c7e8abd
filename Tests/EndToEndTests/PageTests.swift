import Foundation
import Testing

/// The web page in a real browser.
@Suite("Page", .fewAtOnce)
struct PageTests {
    static let python = Tools.root.appending(path: ".build/test-environment/bin/python3").path
    static let canRun =
        FileManager.default.isExecutableFile(atPath: python) && Tools.path(of: "chromium") != nil
        || ProcessInfo.processInfo.environment["CI"] != nil

    @Test(.enabled(if: canRun, "scripts/setup --test installs Chromium and playwright"))
    func `charts of CPU, memory and network move without a reload, and nothing foreign is loaded`() async throws {
        let server = try await ServerUnderTest()
        let script = Tools.root.appending(path: "Tests/Browser/overview.py").path
        let (status, output, error) = try await Tools.run(Self.python, script, server.url)
        #expect(status == 0, "\(output)\(error)")
        let report = try JSON(output)
        #expect(report["messages"].elements.map(\.text) == [])
        #expect(report["origins"].elements.map(\.text) == [server.url])
        let shown = Set(report["shown"].elements.map(\.text))
        #expect(shown.isSuperset(of: ["CPU", "Memory", "Network", "Load", "Disk"]), "\(shown)")
    }

    @Test(.enabled(if: canRun, "scripts/setup --test installs Chromium and playwright"))
    func `charts move when the server reads less often than in its first half minute`() async throws {
        let server = try await ServerUnderTest()
        _ = try await eventually(within: 240, "readings ten seconds apart") {
            let gap = try await server.query(#"timestamp(up{job="host"}) - timestamp(up{job="host"} offset 8s)"#)
            return gap.values.contains { $0 > 8 } ? true : nil
        }
        let script = Tools.root.appending(path: "Tests/Browser/overview.py").path
        let (status, output, error) = try await Tools.run(Self.python, script, server.url)
        #expect(status == 0, "\(output)\(error)")
    }

    @Test(.enabled(if: canRun, "scripts/setup --test installs Chromium and playwright"))
    func `queries of dashboards show what the API answers`() async throws {
        let folder = try Folder()
        let now = Int(Date().timeIntervalSince1970)
        var text = "# TYPE response_time gauge\n"
        for second in stride(from: -240, through: 0, by: 10) {
            text += "response_time{node=\"a\"} 100.5 \(now + second)\nresponse_time{node=\"b\"} 150 \(now + second)\n"
        }
        for (name, value) in [("error_rate", "2.5"), ("active_connections", "1234")] {
            text += "# TYPE \(name) gauge\n"
            for second in stride(from: -240, through: 0, by: 10) { text += "\(name) \(value) \(now + second)\n" }
        }
        let file = try folder.write("metrics.om", text + "# EOF\n")
        let server = try await ServerUnderTest(in: folder)
        let imported = try await Tools.run(Tools.martlet, "import", file, "--url", server.url, "-q")
        #expect(imported.status == 0, "\(imported.output)\(imported.error)")
        let queries = ["avg(response_time)", "error_rate", "active_connections"]
        let script = Tools.root.appending(path: "Tests/Browser/explore.py").path
        let (status, output, error) = try await Tools.run(Self.python, [script, server.url] + queries)
        #expect(status == 0, "\(output)\(error)")
        let report = try JSON(output)
        #expect(report["messages"].elements.map(\.text) == [])
        for (query, value) in zip(queries, ["125.25", "2.5", "1234"]) {
            #expect(report["shown"][query].elements.map(\.text) == [value])
            #expect(try await server.query(query).values.map { "\($0)" } == [String(Double(value) ?? .nan)])
        }
    }
}
