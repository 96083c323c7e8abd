import Foundation
import MartletCore
import Testing

/// From a span to its log records and back, with the real binary.
@Suite("Logs of spans", .fewAtOnce)
struct SpanLogsTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let (root, child) = ("00f067aa0ba902b7", "00f067aa0ba902b8")
    private static let base: Int64 = 1_767_225_600_000_000_000

    /// A payment of 100 ms in one service, a charge of 50 ms in another.
    private static let traces = """
        {"resourceSpans":[
          {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[
            {"traceId":"\(trace)","spanId":"\(root)","name":"POST /pay","kind":2,
             "startTimeUnixNano":"\(base)","endTimeUnixNano":"\(base + 100_000_000)"}]}]},
          {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bank"}}]},"scopeSpans":[{"spans":[
            {"traceId":"\(trace)","spanId":"\(child)","parentSpanId":"\(root)","name":"charge","kind":3,
             "startTimeUnixNano":"\(base + 40_000_000)","endTimeUnixNano":"\(base + 90_000_000)"}]}]}]}
        """

    private static func record(
        _ milliseconds: Int64,
        _ severity: Int,
        _ text: String,
        span: String?,
        of trace: String = trace,
        _ attributes: String = ""
    ) -> String {
        """
        {"timeUnixNano":"\(base + milliseconds * 1_000_000)","severityNumber":\(severity),"attributes":[\(attributes)],\
        "body":{"stringValue":"\(text)"},"traceId":"\(trace)"\(span.map { #","spanId":"\#($0)""# } ?? "")}
        """
    }

    private static func logs(_ service: String, _ records: [String]) -> String {
        """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(service)"}}]},\
        "scopeLogs":[{"logRecords":[\(records.joined(separator: ","))]}]}]}
        """
    }

    private static func send(_ path: String, _ text: String, to server: ServerUnderTest) async throws {
        let type = [("Content-Type", "application/json")]
        let answer = try await server.send("POST", path, headers: type, body: Array(text.utf8))
        try #require(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
    }

    @Test func `a span's records stand beneath it in the order of time, and a record names its trace`() async throws {
        let server = try await ServerUnderTest()
        let user = #"{"key":"user","value":{"stringValue":"u-7"}}"#
        try await Self.send("/v1/traces", Self.traces, to: server)
        // Sent late first, so that the order shown is that of time.
        let shop = [
            Self.record(95, 9, "answered", span: Self.root), Self.record(5, 9, "asked", span: Self.root, user),
            Self.record(3, 13, "queued", span: nil),
            Self.record(7, 9, "of another trace", span: Self.root, of: String(repeating: "e", count: 32)),
        ]
        try await Self.send("/v1/logs", Self.logs("shop", shop), to: server)
        let failure = Self.record(60, 17, "card \\u001b[31mdeclined", span: Self.child)
        try await Self.send("/v1/logs", Self.logs("bank", [failure]), to: server)

        let words = ["traces", "show", Self.trace, "--logs", "--url", server.url]
        let shown = try await Tools.run(Tools.martlet, words)
        #expect(shown.status == 0, "\(shown.error)")
        #expect(
            shown.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(1).map(String.init) == [
                "2 spans, services: bank, shop, 4 log records", "█ critical path  ░ the rest of a span", "",
                "shop: POST /pay                  ███████████████░░░░░░░░░░░░░░░░░████ 100ms",
                "  · +5ms INFO     asked user=u-7",
                "  · +95ms INFO     answered",
                "  bank: charge                                 ███████████████████    50ms",
                "    · +60ms ERROR    card \\u{1b}[31mdeclined", "",
                "of no span that is shown:", "  · +3ms WARN     shop queued", "",
            ]
        )
        #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let without = try await Tools.run(Tools.martlet, "traces", "show", Self.trace, "--url", server.url)
        #expect(without.status == 0 && !without.output.contains("asked"))
        let wrong = try await Tools.run(Tools.martlet, words + ["--export", "otlp"])
        #expect(wrong.status == 2 && wrong.error.contains("--logs belongs to the drawing"), "\(wrong.error)")

        // The other way round: the record names the trace, and the help names the command that opens it.
        let found = try await Tools.run(Tools.martlet, "logs", "card", "--url", server.url)
        #expect(found.status == 0 && found.output.hasSuffix(" trace=\(Self.trace)\n"), "\(found)")
        let help = try await Tools.run(Tools.martlet, "help", "logs")
        #expect(help.output.contains("martlet traces show ID --logs opens it"))
        let spans = try JSON(await server.get("/api/v1/logs/query", [("query", "span:\(Self.child)")]))["data"]
        #expect(spans["records"].elements.map { $0["traceId"].text } == [Self.trace])
    }

    @Test func `a trace with many records shows a thousand and counts the others`() async throws {
        let server = try await ServerUnderTest()
        try await Self.send("/v1/traces", Self.traces, to: server)
        let records = (0..<1100).map { Self.record(1 + Int64($0) % 90, 9, "step \($0)", span: Self.root) }
        try await Self.send("/v1/logs", Self.logs("shop", records), to: server)
        let shown = try await Tools.run(Tools.martlet, "traces", "show", Self.trace, "--logs", "--url", server.url)
        let lines = shown.output.split(separator: "\n")
        #expect(lines.count { $0.contains("· +") } == 1000)
        #expect(lines.last == "… and 100 records more: martlet logs trace:\(Self.trace)")
        #expect(shown.output.contains("1100 log records"))
        let moments = lines.compactMap { $0.firstMatch(of: /· \+(\d+)ms/).flatMap { Int($0.1) } }
        #expect(moments.count == 1000 && moments == moments.sorted())
    }

    @Test func `a server without logs shows the trace alone`() async throws {
        let server = try await ServerUnderTest()
        try await Self.send("/v1/traces", Self.traces, to: server)
        let shown = try await Tools.run(Tools.martlet, "traces", "show", Self.trace, "--logs", "--url", server.url)
        #expect(shown.status == 0 && shown.output.contains("0 log records") && !shown.output.contains("· +"))
    }
}
