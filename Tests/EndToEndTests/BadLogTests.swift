import Foundation
import Testing

/// Bad input to the doors for logs of the real server: it is bounded, told of, and keeps nothing else from being found.
@Suite("Bad logs", .fewAtOnce)
struct BadLogTests {
    private func count(_ words: String, on server: ServerUnderTest) async throws -> Int {
        Int(try await server.data("logs/query", [("query", words), ("limit", "0")])["matched"].number)
    }

    private func ingest(_ server: ServerUnderTest, _ body: [UInt8], type: String = "text/plain") async throws -> JSON {
        let response = try await server.send(
            "POST",
            "/api/v1/logs/ingest",
            headers: [("Content-Type", type)],
            body: body
        )
        guard response.status == 200 else { throw Problem(String(decoding: response.body, as: UTF8.self)) }
        return try JSON(String(decoding: response.body, as: UTF8.self))["data"]
    }

    private static func residentBytes(_ server: ServerUnderTest) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(server.process.identifier)/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    @Test func `a line of 64 MiB in a followed file is cut, and the next one found`() async throws {
        let folder = try Folder()
        let file = folder.url.appending(path: "app.log")
        try Data("alpha first\n".utf8).write(to: file)
        let server = try await ServerUnderTest(
            configuration: "logs: {sources: [{name: app, file: '\(file.path)', service: app}]}"
        )
        _ = try await eventually("the first line is found") { try await count("alpha", on: server) == 1 ? true : nil }
        let before = Self.residentBytes(server)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        let piece = Data(String(repeating: "giant words ", count: 1 << 17).utf8.prefix(1 << 20))
        for _ in 0..<64 { try handle.write(contentsOf: piece) }
        try handle.write(contentsOf: Data("\nomega last\n".utf8))
        _ = try await eventually("the last line is found") { try await count("omega", on: server) == 1 ? true : nil }
        let giants = try await server.data("logs/query", [("query", "giant")])["records"].elements
        #expect(giants.count == 1)
        #expect((giants.first?["body"].text.utf8.count ?? 0) <= 1 << 20)
        #expect(try await server.get("/metrics").contains(#"martlet_log_source_cut_total{source="app"} 1"#))
        #expect(Self.residentBytes(server) - before < 64 << 20)
    }

    @Test func `odd bytes are stored as they are and shown harmlessly`() async throws {
        let server = try await ServerUnderTest()
        let lines: [[UInt8]] = [
            Array("nul one\u{0}two".utf8), Array("latin caf".utf8) + [0xe9, 0xff, 0xc0, 0x80],
            Array("escape \u{1b}[2J\u{1b}]0;title\u{7} \u{9b}31m".utf8),
            Array("bidi \u{202e}evil\u{2066} \u{200f}".utf8),
            Array("feed\rforged 2026-11-21T00:00:00Z CRITICAL all is lost".utf8),
        ]
        let data = try await ingest(server, Array(lines.joined(separator: [0x0a])))
        #expect(data["records"].number == 5 && data["repaired"].number == 1)
        for word in ["nul", "latin", "escape", "bidi", "feed"] { #expect(try await count(word, on: server) == 1) }
        let found = try await Tools.run(Tools.martlet, ["logs", "*", "--url", server.url])
        #expect(found.output.split(separator: "\n").count == 5, "\(found.output)")
        let forbidden = found.output.unicodeScalars.filter {
            ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value)
                || $0.properties.generalCategory == .format
        }
        #expect(forbidden.isEmpty, "\(forbidden)")
        let answer = try await server.data("logs/query", [("query", "bidi")])["records"].elements
        #expect(answer.first?["body"].text == "bidi \u{202e}evil\u{2066} \u{200f}")
        for format in ["jsonl", "csv"] {
            let exported = try await Tools.run(
                Tools.martlet,
                ["logs", "export", "*", "--format", format, "--url", server.url]
            )
            #expect(exported.status == 0)
            #expect(!exported.output.utf8.contains(0x1b) || format == "csv")
        }
    }

    @Test func `JSON that is deep, has members twice or is no object is kept whole`() async throws {
        let server = try await ServerUnderTest()
        let deep = "{\"kiwi\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}"
        let lines = [
            deep, #"{"message":"twice","user":"ann","user":"bob"}"#, #"["wombat", 1]"#, #"{"message":"open"#,
            #"{"message":"future","time":"2099-01-01T00:00:00Z"}"#,
            #"{"message":"past","time":"1971-01-01T00:00:00Z"}"#,
        ]
        let data = try await ingest(server, Array(lines.joined(separator: "\n").utf8), type: "application/x-ndjson")
        #expect(data["records"].number == 6 && data["unparsed"].number == 3 && data["retimed"].number >= 1)
        #expect(try await count("kiwi", on: server) == 1)
        #expect(try await count("user:bob", on: server) == 1)
        #expect(try await count("wombat", on: server) == 1)
        // What claims to be of the future is found among the newest, with what it claimed.
        let recent = try await server.data("logs/query", [("query", "future"), ("since", "1h"), ("end", "4102444800")])
        #expect(recent["records"].elements.count == 1)
        let nested = #"{"resourceLogs":"# + String(repeating: "[", count: 10_000)
        let refused = try await server.send(
            "POST",
            "/v1/logs",
            headers: [("Content-Type", "application/json")],
            body: Array(nested.utf8)
        )
        #expect(refused.status == 400)
    }

    @Test func `a followed file may be truncated, replaced and deleted`() async throws {
        let folder = try Folder()
        let file = folder.url.appending(path: "app.log")
        try Data("one lynx\n".utf8).write(to: file)
        let server = try await ServerUnderTest(configuration: "logs: {sources: [{name: app, file: '\(file.path)'}]}")
        func await_(_ number: Int) async throws {
            _ = try await eventually("\(number) records come; there are \(try await count("lynx", on: server))") {
                try await count("lynx", on: server) == number ? true : nil
            }
        }
        try await await_(1)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data("two lynx after truncation\n".utf8))
        try await await_(2)
        try Data("three lynx in another file\n".utf8).write(to: file, options: .atomic)
        try await await_(3)
        try FileManager.default.removeItem(at: file)
        try await Task.sleep(for: .milliseconds(500))
        try Data("four lynx in a new file\n".utf8).write(to: file)
        try await await_(4)
        #expect(server.process.isRunning)
    }

    @Test func `a flood of syslog over four connections is taken whole while the server answers`() async throws {
        let port = try Tools.freePort()
        let server = try await ServerUnderTest(
            configuration: "logs: {sources: [{name: relay, syslog_tcp: '127.0.0.1:\(port)'}]}"
        )
        let script = """
            import socket, threading
            def send(number):
                s = socket.create_connection(('127.0.0.1', \(port)))
                for start in range(0, 25000, 500):
                    s.sendall(b''.join(b'<14>1 2026-11-21T10:00:00Z host flood %d - - gnu %d\\n' % (number, i)
                                       for i in range(start, start + 500)))
                s.close()
            threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
            [t.start() for t in threads]
            [t.join() for t in threads]
            """
        let folder = try Folder()
        let sender = try ChildProcess("python3", ["-c", script], directory: folder.url)
        var answers = 0
        _ = try await eventually(within: 180, "100,000 records come") {
            #expect(try await server.send("GET", "/-/healthy").status == 200)
            answers += 1
            return try await count("gnu", on: server) == 100_000 ? true : nil
        }
        #expect(sender.wait() == 0 && answers > 0)
        // Datagrams may be lost on their way, but the server goes on, and tells how many it took.
        let datagrams = try Tools.freePort()
        let other = try await ServerUnderTest(
            configuration: "logs: {sources: [{name: udp, syslog_udp: '127.0.0.1:\(datagrams)'}]}"
        )
        let burst = """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(50000): s.sendto(b'<14>' + b'\\x00\\xff' * (i % 50) + b' emu %d' % i, ('127.0.0.1', \(datagrams)))
            """
        #expect(try ChildProcess("python3", ["-c", burst], directory: folder.url).wait() == 0)
        _ = try await eventually("some come") { try await count("emu", on: other) > 1000 ? true : nil }
        #expect(try await other.get("/metrics").contains(#"martlet_log_source_records_total{source="udp"}"#))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
    func `a full disk refuses logs, answers searches, and loses nothing acknowledged`() async throws {
        let disk = try SmallDisk(megabytes: 24)
        let folder = try Folder(at: disk.path)
        let server = try await ServerUnderTest(in: folder, configuration: "storage: {durability: each}")
        let line = #"{"message":"ibis \#(String(repeating: "x", count: 1000))"}"# + "\n"
        let batch = Array(String(repeating: line, count: 100).utf8)
        _ = try await ingest(server, batch)
        let ballast = folder.url.appending(path: "ballast")
        #expect(FileManager.default.createFile(atPath: ballast.path, contents: nil))
        let handle = try FileHandle(forWritingTo: ballast)
        var size = 1 << 20
        while size > 0 {
            do { try handle.write(contentsOf: Data(count: size)) } catch { size /= 2 }
        }
        var acknowledged = 100
        var refusal: (status: Int, retry: String?)?
        for _ in 0..<1000 where refusal == nil {
            let response = try await server.send("POST", "/api/v1/logs/ingest", body: batch)
            if response.status == 200 {
                acknowledged += 100
            } else {
                refusal = (response.status, response.headers.first { $0.name.lowercased() == "retry-after" }?.value)
            }
        }
        #expect(refusal?.status == 503 && refusal?.retry != nil)
        #expect(try await count("ibis", on: server) >= acknowledged)
        try handle.truncate(atOffset: 0)
        try handle.close()
        _ = try await eventually(within: 30, "logs are taken again") {
            let response = try await server.send("POST", "/api/v1/logs/ingest", body: Array("stork".utf8))
            return response.status == 200 ? true : nil
        }
        #expect(server.process.end(SIGKILL) == -SIGKILL)
        let second = try await ServerUnderTest(in: folder)
        #expect(try await count("ibis", on: second) >= acknowledged)
        #expect(try await count("stork", on: second) >= 1)
    }

    @Test func `expressions that are catastrophic elsewhere, and questions about everything, are answered`()
        async throws
    {
        let server = try await ServerUnderTest()
        let line = String(repeating: "a", count: 30_000) + "!"
        var lines = Array((line + "\n").utf8)
        for index in 0..<20_000 { lines += Array("heron \(index) of many\n".utf8) }
        #expect(try await ingest(server, lines)["records"].number == 20_001)
        for expression in ["/(a+)+$/", "/(a|a)*b/", "/(.*)*x/", "/(a?){1000}a{1000}/"] {
            let answer = try await server.send(
                "GET",
                "/api/v1/logs/query",
                [("query", expression), ("timeout", "30s")]
            )
            #expect([200, 400].contains(answer.status), "\(expression)")
        }
        let all = try await server.data("logs/query")
        #expect(all["records"].elements.count == 100 && all["matched"].number == 20_001)
        for query in ["*", "-nothing", "/./", "heron OR /many$/", "* | count by (message)"] {
            let answer = try await server.send("GET", "/api/v1/logs/query", [("query", query), ("limit", "5000")])
            #expect(answer.status == 200 && answer.body.count < 16 << 20, "\(query)")
        }
        #expect(try await server.send("GET", "/api/v1/logs/query", [("limit", "1000000")]).status == 400)
        let nested = String(repeating: "(", count: 100_000)
        #expect(
            try await server.send(
                "POST",
                "/api/v1/logs/query",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("query=\(nested)".utf8)
            ).status == 400
        )
        let exported = try await Tools.run(Tools.martlet, ["logs", "export", "--url", server.url])
        #expect(exported.output.split(separator: "\n").count == 20_001)
    }
}
