import Foundation
import MartletTerminal
import Testing

/// One after the other: a process has one screen.
@Suite("TerminalScreen", .serialized)
struct TerminalScreenTests {
    private func screen(
        _ terminal: Pseudoterminal,
        name: String = "xterm-256color",
        usesColor: Bool = true,
        locale: String = "C.UTF-8"
    ) throws -> TerminalScreen {
        setenv("LC_ALL", locale, 1)
        return try TerminalScreen(
            terminal: name,
            usesColor: usesColor,
            input: terminal.program,
            output: terminal.program
        )
    }

    private func grid(_ text: String, _ style: CellStyle = .plain) -> CellGrid {
        var grid = CellGrid(rows: 5, columns: 30)
        grid.write(text, row: 0, column: 0, style: style)
        return grid
    }

    @Test func `shows cells in the colours of the terminal and gives it back as it was`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let before = terminal.settings()
        let screen = try screen(terminal)
        #expect(screen.rows == 5)
        #expect(screen.columns == 30)
        #expect(screen.isUnicode)
        #expect(screen.hasColor)
        #expect(terminal.settings() != before)
        var grid = grid("● 日本 red", CellStyle(.red, isBold: true))
        grid.write("quiet", row: 1, column: 0, style: CellStyle(.brightBlack, isDim: true, isUnderlined: true))
        grid.write("chosen", row: 2, column: 0, style: .chosen)
        grid.cursor = (1, 3)
        screen.show(grid)
        let shown = terminal.shown()
        #expect(shown.contains("\u{1b}[?1049h"))
        #expect(shown.contains("● 日本 red"))
        #expect(shown.contains("\u{1b}[31m"))
        #expect(shown.contains("chosen"))
        // Only what changed is sent.
        grid.write("x", row: 4, column: 29)
        screen.show(grid)
        let more = terminal.shown().dropFirst(shown.count)
        #expect(more.contains("x"))
        #expect(!more.contains("chosen"))
        #expect(throws: TerminalError.inUse) { try self.screen(terminal) }
        screen.close()
        screen.close()
        screen.show(grid)
        #expect(screen.nextEvent(within: 0) == .ended(signal: SIGHUP))
        #expect(terminal.shown().contains("\u{1b}[?1049l"))
        #expect(terminal.settings() == before)
    }

    @Test func `shows no colour where none is wanted`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal, usesColor: false)
        defer { screen.close() }
        #expect(!screen.hasColor)
        screen.show(grid("red", CellStyle(.red)))
        #expect(terminal.shown().contains("red"))
        #expect(!terminal.shown().contains("\u{1b}[31m"))
    }

    @Test func `shows ASCII where the locale has no more`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal, locale: "C")
        defer { screen.close() }
        screen.show(grid("● LIVE ▁█"))
        #expect(terminal.shown().contains("* LIVE _#"))
    }

    @Test func `takes UTF-8 from a locale that is not installed`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal, locale: "xx_XX.UTF-8")
        defer { screen.close() }
        #expect(screen.isUnicode)
    }

    @Test func `tells of keys`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal)
        defer { screen.close() }
        #expect(screen.nextEvent(within: 0) == .timedOut)
        for (text, key) in [
            ("q", KeyPress.character("q")), ("ä", .character("ä")), ("日", .character("日")), ("\r", .enter),
            ("\t", .tab), ("\u{7f}", .backspace), ("\u{8}", .backspace), ("\u{15}", .control("u")),
            ("\u{1b}OA", .up), ("\u{1b}OB", .down), ("\u{1b}OC", .right), ("\u{1b}OD", .left), ("\u{1b}OH", .home),
            ("\u{1b}OF", .end), ("\u{1b}[5~", .pageUp), ("\u{1b}[6~", .pageDown), ("\u{1b}[3~", .delete),
            ("\u{1b}[Z", .backTab), ("\u{1b}OP", .other), ("\u{1b}OM", .enter), ("\u{0}", .other),
        ] {
            terminal.press(text)
            #expect(screen.nextEvent(within: 5000) == .key(key), "\(text.debugDescription)")
        }
        terminal.press("\u{1b}")
        #expect(screen.nextEvent(within: 5000) == .key(.escape))
    }

    @Test func `takes over another size`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal)
        defer { screen.close() }
        screen.show(grid("first"))
        terminal.resize(rows: 12, columns: 90)
        kill(getpid(), SIGWINCH)
        #expect(screen.nextEvent(within: 5000) == .resized)
        #expect(screen.rows == 12)
        #expect(screen.columns == 90)
        screen.show(CellGrid(rows: 12, columns: 90))
    }

    @Test func `is woken from other threads and by signals`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let screen = try screen(terminal)
        defer { screen.close() }
        Thread.detachNewThread { ScreenWaker().wake() }
        #expect(screen.nextEvent(within: 60_000) == .woken)
        kill(getpid(), SIGTERM)
        #expect(screen.nextEvent(within: 60_000) == .ended(signal: SIGTERM))
    }

    @Test func `a signal ends the program and leaves the terminal as it was`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let terminal = try Pseudoterminal(rows: 5, columns: 30)
            let screen = try TerminalScreen(terminal: "xterm", input: terminal.program, output: terminal.program)
            screen.end(by: SIGTERM)
        }
    }

    @Test func `a crash stays the crash that it is`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            let terminal = try Pseudoterminal(rows: 5, columns: 30)
            let screen = try TerminalScreen(terminal: "xterm", input: terminal.program, output: terminal.program)
            screen.show(CellGrid(rows: 5, columns: 30))
            raise(SIGSEGV)
        }
    }

    @Test(arguments: [
        ("dumb", TerminalError.cannotMove("dumb")), ("no-such-terminal", .unknownTerminal("no-such-terminal")),
        ("", .unknownTerminal("")),
    ])
    func `refuses a terminal that can show no screen`(name: String, error: TerminalError) throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        #expect(throws: error) { try screen(terminal, name: name) }
    }

    @Test func `refuses what is no terminal`() throws {
        let terminal = try Pseudoterminal(rows: 5, columns: 30)
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect(throws: TerminalError.notATerminal("standard output")) {
            try TerminalScreen(terminal: "xterm", input: terminal.program, output: file)
        }
        #expect(throws: TerminalError.notATerminal("standard input")) {
            try TerminalScreen(terminal: "xterm", input: file, output: terminal.program)
        }
    }

    @Test func `errors name the remedy`() {
        #expect(TerminalError.notATerminal("standard input").description.contains("needs a terminal"))
        #expect(TerminalError.unknownTerminal("").description.contains("set TERM"))
        #expect(TerminalError.unknownTerminal("x").description.contains("ncurses-term"))
        #expect(TerminalError.cannotMove("dumb").description.contains("TERM=xterm-256color"))
        #expect(TerminalError.inUse.description.contains("already"))
        #expect(TerminalError.failed.description.contains("cannot be taken over"))
    }
}
