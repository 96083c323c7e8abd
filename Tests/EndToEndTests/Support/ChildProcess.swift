import Foundation
import Synchronization
import Testing

/// A program that a test started; it is ended by its process id, at the latest when the test lets go of it.
final class ChildProcess: Sendable {
    let identifier: pid_t
    let output: URL
    private let status = Mutex<Int32?>(nil)

    /// Starts a program, its standard output and standard error going to one file.
    init(_ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: URL) throws {
        output = directory.appending(path: "\(UUID().uuidString).log")
        try Data().write(to: output)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_APPEND, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // `env` changes the directory and then becomes the program, so that the process id is the program's.
        let words = (["env", "-C", directory.path, executable] + arguments).map { strdup($0) } + [nil]
        let variables =
            ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        // Threads of a pool block signals; a program that is started by one shall get them, as from a shell.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var identifier: pid_t = 0
        let result = posix_spawnp(&identifier, "env", &actions, &attributes, words, variables)
        guard result == 0 else { throw Problem("cannot start \(executable): \(String(cString: strerror(result)))") }
        self.identifier = identifier
    }

    deinit {
        // Who is killed writes no profile of the lines that ran.
        end(ProcessInfo.processInfo.environment["COVERAGE"] == "1" ? SIGTERM : SIGKILL)
    }

    /// What the program has printed so far.
    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Whether the program still runs.
    var isRunning: Bool { poll() == nil }

    /// Sends a signal without waiting.
    func signal(_ number: Int32) {
        status.withLock { if $0 == nil { _ = kill(identifier, number) } }
    }

    /// Sends a signal and waits for the end; the exit status, or minus the signal that ended the program.
    @discardableResult
    func end(_ number: Int32 = SIGTERM) -> Int32 {
        signal(number)
        return wait()
    }

    /// Waits for the end, which a program that hangs meets after a minute; the exit status, or minus the signal.
    @discardableResult
    func wait(seconds: Double = 60) -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let status = poll() { return status }
            usleep(5000)
        }
        signal(SIGKILL)
        while true {
            if let status = poll() { return status }
            usleep(5000)
        }
    }

    private func poll() -> Int32? {
        status.withLock { status in
            if let status { return status }
            var raw: Int32 = 0
            guard waitpid(identifier, &raw, WNOHANG) == identifier else { return nil }
            status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
            return status
        }
    }
}

/// What a test could not do.
struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
