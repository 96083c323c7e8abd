import Foundation
import Testing

/// The web page in a real browser.
@Suite("Page")
struct PageTests {
    static let python = Tools.root.appending(path: ".build/test-environment/bin/python3").path
    static let canRun =
        FileManager.default.isExecutableFile(atPath: python) && Tools.path(of: "chromium") != nil
        || ProcessInfo.processInfo.environment["CI"] != nil

    @Test(.enabled(if: canRun, "scripts/setup --test installs Chromium and playwright"))
    func `charts of CPU, memory and network move without a reload, and nothing foreign is loaded`() async throws {
        let server = try await ServerUnderTest()
        let script = Tools.root.appending(path: "Tests/Browser/overview.py").path
        let (status, output, error) = try Tools.run(Self.python, script, server.url)
        #expect(status == 0, "\(output)\(error)")
        let report = try JSON(output)
        #expect(report["messages"].elements.map(\.text) == [])
        #expect(report["origins"].elements.map(\.text) == [server.url])
        let shown = Set(report["shown"].elements.map(\.text))
        #expect(shown.isSuperset(of: ["CPU", "Memory", "Network", "Load", "Disk"]), "\(shown)")
    }
}
