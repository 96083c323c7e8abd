import Foundation
import Testing

/// A shell in a terminal of a size, played by tmux on a socket of its own.
final class TerminalUnderTest: Sendable {
    let folder: Folder
    private let socket: String
    private let server: pid_t

    /// Starts a shell in a directory of its own.
    init(columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]) async throws {
        folder = try Folder()
        socket = "martlet-\(UUID().uuidString)"
        var words = ["-L", socket, "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"]
        words += ["-c", folder.url.path, "env", "-u", "NO_COLOR", "LC_ALL=C.UTF-8", "PS1=$ ", "HISTFILE="]
        words += environment.map { "\($0.key)=\($0.value)" }.sorted() + ["sh"]
        // Foundation's Process would wait for the server too, which goes on in the background.
        let started = try ChildProcess("tmux", words, directory: folder.url)
        guard started.wait() == 0 else { throw Problem("tmux: \(started.text)") }
        let answer = try await Tools.run("tmux", ["-L", socket, "display-message", "-p", "#{pid}"])
        server = try #require(pid_t(answer.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit {
        kill(server, SIGTERM)
    }

    /// Presses keys by tmux's names (`Enter`, `Down`, `C-c`); a text that is none is typed.
    func press(_ keys: String...) async throws {
        _ = try await Tools.run("tmux", ["-L", socket, "send-keys"] + keys)
    }

    /// Types a text as it is.
    func type(_ text: String) async throws {
        _ = try await Tools.run("tmux", ["-L", socket, "send-keys", "-l", text])
    }

    /// What is to be seen; with `styles` the escape codes of colours too.
    func screen(styles: Bool = false) async throws -> String {
        try await Tools.run("tmux", ["-L", socket, "capture-pane", "-p"] + (styles ? ["-e"] : [])).output
    }

    /// Gives the terminal another size.
    func resize(columns: Int, rows: Int) async throws {
        _ = try await Tools.run("tmux", ["-L", socket, "resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// Waits until a text is to be seen, and gives the whole screen.
    @discardableResult
    func waits(for text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        try await eventually(within: 60, "the terminal shows \"\(text)\"", sourceLocation: sourceLocation) {
            let screen = try await self.screen()
            return screen.contains(text) ? screen : nil
        }
    }

    /// Waits until a file that the shell writes has a text, and gives all of it.
    func file(_ name: String, with text: String = "") async throws -> String {
        try await eventually("\(name) has \"\(text)\"") {
            let found = try? String(contentsOf: self.folder.url.appending(path: name), encoding: .utf8)
            return found.flatMap { !$0.isEmpty && (text.isEmpty || $0.contains(text)) ? $0 : nil }
        }
    }
}
