import Foundation
import Testing

/// `martlet logs --browse` in a real terminal.
@Suite("Browsing logs", .fewAtOnce, .enabled(if: Tools.has("tmux"), "tmux is not installed"))
struct BrowseTests {
    private static let lines = """
        {"timestamp":"2026-01-02T03:04:01Z","level":"info","service":"shop","message":"GET /cart","status":200}
        {"timestamp":"2026-01-02T03:04:02Z","level":"error","service":"shop","message":"connection refused","status":500}
        {"timestamp":"2026-01-02T03:04:03Z","level":"warn","service":"bank","message":"slow \\u001b[2J\\u202e answer"}
        {"timestamp":"2026-01-02T03:04:04Z","level":"critical","service":"bank","message":"connection refused again"}

        """

    private func server(_ arguments: String...) async throws -> ServerUnderTest {
        let folder = try Folder()
        let words = arguments.isEmpty ? ["--listen", "127.0.0.1:0"] : arguments
        let server = try await ServerUnderTest(in: folder, words[0], words[1])
        try await ingest(Self.lines, server)
        return server
    }

    private func ingest(_ lines: String, _ server: ServerUnderTest) async throws {
        let answer = try await server.send("POST", "/api/v1/logs/ingest", body: Array(lines.utf8))
        #expect(answer.status == 200)
    }

    @Test func `a query that is typed lists its hits, at any size, and quitting restores the terminal`() async throws {
        let server = try await server()
        let terminal = try await TerminalUnderTest()
        let browse = "\(Tools.martlet) logs --browse --url \(server.url)"
        try await terminal.type("stty -a > before; \(browse); echo status=$? > after; stty -a >> after")
        try await terminal.press("Enter")
        var screen = try await terminal.waits(for: "4 found")
        #expect(screen.contains("03:04:04.000  ✕ critical  bank       connection refused again"))
        #expect(screen.contains("03:04:03.000  ◐ warn      bank       slow \\u{1b}[2J\\u{202e} answer"))
        #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).count == 25)

        try await terminal.type("/level:wran")
        try await terminal.press("Enter")
        screen = try await terminal.waits(for: "did you mean \"warn\"?")
        #expect(screen.contains("/ level:wran\n        ↑ 1:7: parse error"))
        try await terminal.press("C-u")
        try await terminal.type("refused service:shop")
        try await terminal.press("Enter")
        screen = try await terminal.waits(for: "1 found")
        #expect(screen.contains("/ refused service:shop"))
        #expect(screen.contains("03:04:02.000  ○ error     shop       connection refused  status=500"))
        #expect(!screen.contains("again"))

        try await terminal.press("Enter")
        screen = try await terminal.waits(for: "RECORD 1 OF 1")
        #expect(screen.contains("@status        500"))
        try await terminal.press("Escape")
        try await terminal.waits(for: "q quit")
        try await terminal.resize(columns: 200, rows: 50)
        screen = try await terminal.waits(for: "n older  p newer  c copy  ? help  q quit")
        #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).count == 51)
        try await terminal.resize(columns: 40, rows: 10)
        screen = try await eventually("the list is narrow") {
            let screen = try await terminal.screen()
            return screen.contains("03:04:02.000  ○  connection refused") ? screen : nil
        }
        #expect(screen.contains("? help  q quit"))

        try await terminal.press("q")
        let after = try await terminal.file("after", with: "speed")
        #expect(after.hasPrefix("status=0\n"))
        let before = try await terminal.file("before")
        let settings = { (text: String) in
            text.split(separator: "\n").filter { !$0.contains("rows") && !$0.contains("status") }
        }
        #expect(settings(after) == settings(before))
        // The shell's own screen is there again, and no trace of the browser.
        #expect(try await !terminal.screen().contains("found"))
    }

    @Test func `follows what arrives, pauses under the pointer and goes on`() async throws {
        let server = try await server()
        let terminal = try await TerminalUnderTest()
        try await terminal.type("\(Tools.martlet) logs --browse --follow --url \(server.url) refused")
        try await terminal.press("Enter")
        try await terminal.waits(for: "● LIVE")
        try await ingest("{\"level\":\"info\",\"message\":\"refused while live\"}\n", server)
        try await terminal.waits(for: "refused while live")
        try await terminal.press("Down")
        try await ingest(
            "{\"message\":\"refused once\"}\n{\"message\":\"refused twice\"}\n{\"message\":\"other\"}\n",
            server
        )
        let screen = try await terminal.waits(for: "◐ PAUSED +2")
        #expect(!screen.contains("refused once"))
        try await terminal.press("Home")
        try await terminal.waits(for: "refused twice")
        try await terminal.waits(for: "● LIVE")
    }

    @Test func `tells that the server is gone, and goes on when it is back`() async throws {
        let address = "127.0.0.1:\(try Tools.freePort())"
        let first = try await server("--listen", address)
        let terminal = try await TerminalUnderTest()
        try await terminal.type("\(Tools.martlet) logs --browse --url http://\(address)")
        try await terminal.press("Enter")
        try await terminal.waits(for: "4 found")
        first.process.end()
        try await terminal.press("r")
        try await terminal.waits(for: "✕ cannot reach the server at http://\(address)")
        let second = try await server("--listen", address)
        let screen = try await terminal.waits(for: "4 found")
        #expect(!screen.contains("cannot reach"))
        second.process.end()
    }

    @Test(arguments: [(SIGTERM, "143"), (SIGINT, "130"), (SIGSEGV, "139")])
    func `a signal or a crash restores the terminal`(signal: Int32, status: String) async throws {
        let server = try await server()
        let terminal = try await TerminalUnderTest()
        let browse = "sh -c 'echo $$ > pid; exec \(Tools.martlet) logs --browse --url \(server.url)'"
        try await terminal.type("stty -a > before; \(browse)")
        try await terminal.press("Enter")
        try await terminal.waits(for: "4 found")
        let identifier = try #require(
            pid_t(try await terminal.file("pid").trimmingCharacters(in: .whitespacesAndNewlines))
        )
        kill(identifier, signal)
        // The shell waits for it and then reads on; what is typed before would be the browser's.
        _ = try await eventually("the browser has ended") { kill(identifier, 0) == 0 ? nil : true }
        try await terminal.type("echo status=$? > after; stty -a >> after")
        try await terminal.press("Enter")
        let after = try await terminal.file("after", with: "speed")
        #expect(after == "status=\(status)\n" + (try await terminal.file("before")))
        #expect(try await !terminal.screen().contains("4 found"))
    }

    @Test func `stops and goes on with the shell's job control`() async throws {
        let server = try await server()
        let terminal = try await TerminalUnderTest()
        try await terminal.type("stty -a > before; \(Tools.martlet) logs --browse --url \(server.url)")
        try await terminal.press("Enter")
        try await terminal.waits(for: "4 found")
        try await terminal.press("C-z")
        // What is typed before the shell reads would be the program's.
        try await terminal.waits(for: "Stopped")
        try await terminal.type("stty -a > during")
        try await terminal.press("Enter")
        #expect(try await terminal.file("during", with: "speed") == (try await terminal.file("before", with: "speed")))
        #expect(try await !terminal.screen().contains("4 found"))
        try await terminal.type("fg")
        try await terminal.press("Enter")
        try await terminal.waits(for: "4 found")
        try await terminal.press("q")
    }

    @Test func `shows no colour where none is wanted`() async throws {
        let server = try await server()
        for (variable, isColored) in [("X=1", true), ("NO_COLOR=1", false)] {
            let terminal = try await TerminalUnderTest(environment: ["TERM": "screen-256color"])
            try await terminal.type("\(variable) \(Tools.martlet) logs --browse --url \(server.url)")
            try await terminal.press("Enter")
            try await terminal.waits(for: "✕ critical")
            let screen = try await terminal.screen(styles: true)
            #expect(screen.contains("[31m") == isColored, "\(variable): \(screen.debugDescription)")
        }
    }

    @Test func `refuses a terminal that cannot show it, and tells what to do`() async throws {
        let piped = try await Tools.run(Tools.martlet, ["logs", "--browse"])
        #expect(piped.status == 1)
        #expect(
            piped.error == """
                martlet: a full screen needs a terminal, and standard output is none; \
                "martlet logs" without --browse prints plain lines

                """
        )
        let plain = try await Tools.run(Tools.martlet, ["logs", "--browse", "-o", "json"])
        #expect(plain.status == 2)
        #expect(plain.error.contains("--output belongs to plain output"))
        let terminal = try await TerminalUnderTest(columns: 200)
        try await terminal.type("TERM=dumb \(Tools.martlet) logs --browse; echo status=$?")
        try await terminal.press("Enter")
        let screen = try await terminal.waits(for: "status=1")
        #expect(screen.contains("the terminal \"dumb\" of TERM cannot move its cursor, which a full screen needs"))
    }
}
