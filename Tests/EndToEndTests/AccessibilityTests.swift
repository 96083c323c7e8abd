import Foundation
import MartletCore
import Testing

/// The pages of traces and logs, looked at with axe-core and walked through with the keyboard.
@Suite("Accessibility", .fewAtOnce)
struct AccessibilityTests {
    private static let canRun = PageTests.canRun && Tools.hasPython("axe_playwright_python")

    private static func spans(_ trace: String, from base: Int64, fails: Bool) -> String {
        func span(_ id: Int, _ parent: String, _ name: String, _ low: Int64, _ high: Int64) -> String {
            """
            {"traceId":"\(trace)","spanId":"000000000000000\(id)","parentSpanId":"\(parent)","name":"\(name)","kind":2,\
            "startTimeUnixNano":"\(base + low * 1_000_000)","endTimeUnixNano":"\(base + high * 1_000_000)",\
            "status":{"code":\(fails ? 2 : 0)},"events":[{"timeUnixNano":"\(base + low)","name":"retry"}],\
            "attributes":[{"key":"card","value":{"stringValue":"\(fails ? "amex" : "visa")"}}]}
            """
        }
        func service(_ name: String, _ span: String) -> String {
            """
            {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(name)"}}]},\
            "scopeSpans":[{"spans":[\(span)]}]}
            """
        }
        let groups = [
            service("shop", span(1, "", "POST /pay", 0, 100)),
            service("bank", span(2, "0000000000000001", "charge", 20, fails ? 90 : 40)),
        ]
        return #"{"resourceSpans":[\#(groups.joined(separator: ","))]}"#
    }

    private static func logs(_ trace: String, at time: Int64) -> String {
        let records = [(9, "accepted order 17"), (13, "slow answer"), (17, "payment declined"), (5, "looked up")].map {
            """
            {"timeUnixNano":"\(time)","severityNumber":\($0.0),"body":{"stringValue":"\($0.1)"},\
            "traceId":"\(trace)","spanId":"0000000000000002","attributes":[{"key":"user","value":{"stringValue":"u-7"}}]}
            """
        }
        return """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bank"}}]},\
            "scopeLogs":[{"logRecords":[\(records.joined(separator: ","))]}]}]}
            """
    }

    @Test(.enabled(if: canRun, "scripts/setup --test installs Chromium, playwright and axe-core"))
    func `the pages of traces and logs break no rule, and what has the focus shows it`() async throws {
        let server = try await ServerUnderTest()
        let now = SystemWallClock().millisecondsSinceEpoch * 1_000_000
        let ids = ["a", "b", "c", "d"].map { String(repeating: $0, count: 32) }
        for (place, id) in ids.enumerated() {
            let base = now - 300_000_000_000 + Int64(place) * 1_000_000_000
            let type = [("Content-Type", "application/json")]
            for (path, body) in [
                ("/v1/traces", Self.spans(id, from: base, fails: place < 2)),
                ("/v1/logs", Self.logs(id, at: base + 30_000_000)),
            ] {
                let answer = try await server.send("POST", path, headers: type, body: Array(body.utf8))
                try #require(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
        let script = Tools.root.appending(path: "Tests/Browser/accessibility.py").path
        let (status, output, error) = try await Tools.run(PageTests.python, [script, server.url, ids[0], ids[3]])
        try #require(status == 0, "\(output)\(error)")
        let pages = try JSON(output).members
        #expect(pages.count == 15)
        for (name, page) in pages.sorted(by: { $0.key < $1.key }) {
            #expect(page["violations"].elements.map(\.text) == [], "\(name)")
            #expect(page["passes"].number > 20, "\(name): so many rules had something to look at")
        }
        for name in ["logs", "traces", "trace"] {
            let page = try #require(pages[name])
            #expect(page["hidden"].elements.map(\.text) == [], "\(name)")
            #expect(page["steps"].number >= 8, "\(name)")
        }
    }
}
