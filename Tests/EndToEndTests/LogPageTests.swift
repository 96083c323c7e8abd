import Foundation
import MartletCore
import Testing

/// Logs on the web page, in a real browser.
@Suite("Log page", .fewAtOnce)
struct LogPageTests {
    private static let trace = String(repeating: "c", count: 32)
    private static let span = "00000000000000c1"

    /// Four records of two services over a minute; the error belongs to a span.
    private static func records(now: Int64) -> String {
        func record(_ seconds: Int64, _ severity: Int, _ text: String, _ more: String = "") -> String {
            """
            {"timeUnixNano":"\(now - seconds * 1_000_000_000)","severityNumber":\(severity),\
            "body":{"stringValue":"\(text)"},"attributes":[{"key":"user.id","value":{"stringValue":"u-7"}}]\(more)}
            """
        }
        func service(_ name: String, _ records: [String]) -> String {
            """
            {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(name)"}}]},\
            "scopeLogs":[{"logRecords":[\(records.joined(separator: ","))]}]}
            """
        }
        let shop = [
            record(60, 9, "accepted order 17"), record(50, 9, "accepted order 18"), record(40, 13, "slow answer"),
        ]
        let failure = record(30, 17, "payment declined", #","traceId":"\#(trace)","spanId":"\#(span)""#)
        return #"{"resourceLogs":[\#(service("shop", shop)),\#(service("bank", [failure]))]}"#
    }

    @Test(.enabled(if: PageTests.canRun, "scripts/setup --test installs Chromium and playwright"))
    func `records are found, opened, counted, followed without gap or double, and stand beside their span`()
        async throws
    {
        let server = try await ServerUnderTest()
        let now = SystemWallClock().millisecondsSinceEpoch * 1_000_000
        let spans = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bank"}}]},
              "scopeSpans":[{"spans":[{"traceId":"\(Self.trace)","spanId":"\(Self.span)","name":"charge","kind":2,
              "startTimeUnixNano":"\(now - 31_000_000_000)","endTimeUnixNano":"\(now - 29_000_000_000)"}]}]}]}
            """
        for (path, body) in [("/v1/logs", Self.records(now: now)), ("/v1/traces", spans)] {
            let type = [("Content-Type", "application/json")]
            let answer = try await server.send("POST", path, headers: type, body: Array(body.utf8))
            try #require(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        var words = [Tools.root.appending(path: "Tests/Browser/logs.py").path, server.url]
        if let folder = ProcessInfo.processInfo.environment["MARTLET_SCREENSHOTS"] {
            words += ["--screenshots", folder]
        }
        let (status, output, error) = try await Tools.run(PageTests.python, words)
        try #require(status == 0, "\(output)\(error)")
        let seen = try JSON(output)
        func texts(_ name: String) -> [String] { seen[name].elements.map(\.text) }
        #expect(texts("messages") == [])
        #expect(texts("origins") == [server.url])
        #expect(seen["records"].number == 4 && seen["bars"].number >= 1)
        #expect(texts("facets").contains { $0.hasPrefix("level info 2") })
        #expect(texts("facets").contains { $0.hasPrefix("service shop 3") })
        #expect(seen["opened"].text.contains("slow answer") && seen["opened"].text.contains("u-7"))
        #expect(seen["around"].number == 3)
        #expect(texts("included") == ["payment declined"])
        #expect(texts("excluded") == ["slow answer", "accepted order 18", "accepted order 17"])
        #expect(seen["problem"].text.contains("parse error"))
        #expect(texts("counted").contains { $0.contains("shop") && $0.contains("3") })
        #expect(seen["patterns"].number >= 2)
        #expect(texts("appeared") == ["first 1", "first 0"])
        let held = seen["held"].elements
        #expect(held.first?.text == "PAUSED +500")
        #expect(held.last?.elements.map(\.text) == ["first 1", "first 0"])
        let resumed = seen["resumed"].elements
        #expect(resumed.prefix(2).map(\.number) == [502, 502])
        #expect(resumed.suffix(2).map(\.text) == ["burst 499", "first 0"])
        #expect(seen["ofSpan"].text.contains("payment declined"))
        #expect(seen["where"].text.contains(Self.trace))
    }
}
