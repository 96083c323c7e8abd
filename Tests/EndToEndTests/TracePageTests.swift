import Foundation
import MartletCore
import Testing

/// Traces on the web page, in a real browser, and as the command draws them.
@Suite("Trace page", .fewAtOnce)
struct TracePageTests {
    /// A span in one line: its id is a number, its times are milliseconds after the trace's start.
    private static func span(
        _ trace: String,
        _ id: Int,
        _ name: String,
        _ times: ClosedRange<Int>,
        under parent: Int = 0,
        base: Int64,
        _ attributes: [String: String] = [:],
        failed: Bool = false
    ) -> String {
        let pairs = attributes.sorted { $0.key < $1.key }.map { key, value in
            #"{"key":"\#(key)","value":{"stringValue":"\#(value)"}}"#
        }
        return """
            {"traceId":"\(trace)","spanId":"\(hex(id))","parentSpanId":"\(parent == 0 ? "" : hex(parent))",\
            "name":"\(name)","kind":2,"startTimeUnixNano":"\(base + Int64(times.lowerBound) * 1_000_000)",\
            "endTimeUnixNano":"\(base + Int64(times.upperBound) * 1_000_000)",\
            "status":{"code":\(failed ? 2 : 0),"message":"\(failed ? "declined" : "")"},\
            "attributes":[\(pairs.joined(separator: ","))]}
            """
    }

    private static func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func request(_ services: [(name: String, spans: [String])]) -> String {
        let groups = services.map { service in
            """
            {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(service.name)"}}]},\
            "scopeSpans":[{"spans":[\(service.spans.joined(separator: ","))]}]}
            """
        }
        return #"{"resourceSpans":[\#(groups.joined(separator: ","))]}"#
    }

    /// Payments over two services; a failed one has a call more, and a card of its own.
    private static func payment(_ trace: String, base: Int64, fails: Bool) -> String {
        let card = ["card": fails ? "amex" : "visa"]
        return request([
            (
                "shop",
                [
                    span(trace, 1, "POST /pay", 0...100, base: base, ["user.id": "u-7"], failed: fails),
                    span(trace, 2, "check", 10...30, under: 1, base: base),
                ]
            ),
            (
                "bank",
                [span(trace, 3, "charge", 40...90, under: 1, base: base, card, failed: fails)]
                    + (fails ? [span(trace, 4, "retry", 50...80, under: 3, base: base, card)] : [])
            ),
        ])
    }

    /// A root with 50 workers below it, each with a thousand steps.
    private static func large(_ trace: String, base: Int64) -> String {
        var spans = [span(trace, 1, "import", 0...4000, base: base)]
        for worker in 0..<50 {
            let id = 2 + worker * 1000
            spans.append(span(trace, id, "worker \(worker)", worker...(3900 - worker), under: 1, base: base))
            for step in 1..<1000 {
                let start = worker + step * 3
                spans.append(span(trace, id + step, "step", start...(start + 2), under: id, base: base))
            }
        }
        return request([("batch", spans)])
    }

    private static func send(_ text: String, to server: ServerUnderTest) async throws {
        let type = [("Content-Type", "application/json")]
        let answer = try await server.send("POST", "/v1/traces", headers: type, body: Array(text.utf8))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    private func isTrue(_ value: JSON) -> Bool {
        if case .flag(true) = value { true } else { false }
    }

    private static func id(_ letter: String) -> String { String(repeating: letter, count: 32) }

    @Test(.enabled(if: PageTests.canRun, "scripts/setup --test installs Chromium and playwright"))
    func `traces are found, drawn, compared and opened from a file in a browser`() async throws {
        let server = try await ServerUnderTest()
        let now = SystemWallClock().millisecondsSinceEpoch * 1_000_000
        for (index, letter) in ["a", "b", "c", "d"].enumerated() {
            let base = now - 300_000_000_000 + Int64(index) * 1_000_000_000
            try await Self.send(Self.payment(Self.id(letter), base: base, fails: letter == "a"), to: server)
        }
        // A second failure makes a set, and the newest trace the first of the list.
        try await Self.send(Self.payment(Self.id("9"), base: now - 100_000_000_000, fails: true), to: server)
        let twice = try JSON(await server.get("/api/v1/traces", [("service", "bank"), ("status", "error")]))
        #expect(twice["summaries"].elements.count == 2)
        try await Self.send(Self.large(Self.id("f"), base: now - 200_000_000_000), to: server)
        let file = try server.folder.write("file.json", Self.payment(Self.id("8"), base: now, fails: false))
        let script = Tools.root.appending(path: "Tests/Browser/traces.py").path
        var words = [script, server.url, Self.id("a"), Self.id("f"), Self.id("b"), file]
        if let folder = ProcessInfo.processInfo.environment["MARTLET_SCREENSHOTS"] {
            words += ["--screenshots", folder]
        }
        let (status, output, error) = try await Tools.run(PageTests.python, words)
        try #require(status == 0, "\(output)\(error)")
        let seen = try JSON(output)
        #expect(seen["messages"].elements.map(\.text) == [])
        #expect(seen["origins"].elements.map(\.text) == [server.url])
        #expect(seen["found"].number == 6 && seen["points"].number == 6)
        #expect(seen["narrowed"].elements.map(\.text) == [Self.id("9"), Self.id("a")])
        #expect(seen["address"].text == "service:bank status:error @card:amex CHAR* -check")
        #expect(seen["problem"].text == "soon")
        #expect(seen["heading"].text == "shop: POST /pay")
        #expect(
            seen["rows"].elements.map(\.text) == [
                "shop: POST /pay, 100 ms, starts at 0 s, 30 ms of it on the critical path, failed",
                "shop: check, 20 ms, starts at 10 ms, 20 ms of it on the critical path",
                "bank: charge, 50 ms, starts at 40 ms, 20 ms of it on the critical path, failed",
                "shop: POST /pay, 100 ms, starts at 0 s, 30 ms of it on the critical path, failed",
            ]
        )
        let details = seen["details"].text
        #expect(details.contains("error: declined") && details.contains("user.id") && details.contains("u-7"))
        #expect(seen["folded"].elements.map(\.number) == [4, 1])
        #expect(seen["foldedAfterReload"].number == 1)
        #expect(seen["saved"].number == 4 && seen["operations"].number == 4)
        for canvas in ["scatterInk", "timelineInk", "flameInk", "largeInk"] {
            #expect(seen[canvas].number > 500, "\(canvas) shows something")
        }
        #expect(seen["largeRows"].number == 50_001)
        #expect(seen["largeNodes"].number < 3000)
        // What comes over the wire is compressed; where the time went is told, and depends on the machine.
        let split = seen["largeSplit"].members.mapValues { Int($0.number) }
        #expect((1..<1_000_000).contains(split["bytes"] ?? 0), "\(split)")
        print("50,001 spans drawn, milliseconds: \(split.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
        let paths = seen["paths"].elements
        #expect(paths.count == 3 && paths.allSatisfy { isTrue($0["equal"]) && $0["server"].number > 2 })
        #expect(seen["criticalOperations"].number == 7)
        #expect(seen["folded stacks"].number == 7)
        #expect(seen["services"].elements.map(\.text) == ["bank", "shop"])
        #expect(seen["verdicts"].elements.contains { $0.text.contains("only in A") })
        #expect(seen["sets"].elements.contains { $0.text.hasPrefix("card\tamex") && $0.text.contains("2 (100 %)") })
        #expect(seen["fromFile"].elements.map(\.text).first == "shop: POST /pay")
        #expect(seen["fromFile"].elements.last?.text.contains("shown, not stored") == true)
        #expect(seen["missing"].text.contains("traces.retention"))
        #expect(try await server.send("GET", "/api/traces/\(Self.id("8"))").status == 404)
    }

    @Test func `the command draws bars where the spans lay, the critical path solid`() async throws {
        let server = try await ServerUnderTest()
        try await Self.send(Self.payment(Self.id("a"), base: 1_767_225_600_000_000_000, fails: true), to: server)
        func show(_ words: String...) async throws -> [String] {
            let words = ["traces", "show", Self.id("a"), "--url", server.url] + words
            let result = try await Tools.run(Tools.martlet, words)
            #expect(result.status == 0, "\(result.error)")
            return result.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(4).map(String.init)
        }
        // 36 columns of bars for 100 ms: a column is begun every 2.8 ms.
        #expect(
            try await show() == [
                "! shop: POST /pay                ████░░░░░░█████░░░░░░░░░░░░░░░░░████ 100ms",
                "  shop: check                       ████████                          20ms",
                "  ! bank: charge                               ████░░░░░░░░░░█████    50ms",
                "    bank: retry                                    ███████████        30ms", "",
            ]
        )
        // A column is 1 ms: each bar has as many as its span took.
        let wide = try await show("--width", "186")
        let bars = wide.dropLast().map { line in line.filter { "█░".contains($0) }.count }
        #expect(bars == [100, 20, 50, 30])
        #expect(wide.dropLast().map { line in line.filter { $0 == "█" }.count } == [30, 20, 20, 30])
        #expect(try await show().allSatisfy { $0.count <= 80 })
    }
}
