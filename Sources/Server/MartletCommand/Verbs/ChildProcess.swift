#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Synchronization

// Safety: texts for the child are copied by `strdup`, ended by a null pointer as `posix_spawnp` wants, and freed after it.

/// A program that was started, with its output in pipes.
struct ChildProcess {
    /// Its number.
    let identifier: pid_t

    /// Where its standard output is read.
    let output: Int32

    /// Where its standard error is read.
    let error: Int32

    /// Starts a program, found by the path; its standard input is this process' own.
    init(_ command: [String], environment: [(String, String)]) throws {
        var (outputs, errors): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard unsafe pipe(&outputs) == 0, unsafe pipe(&errors) == 0 else {
            throw Failure("cannot make pipes for \(command[0]): error \(errno)")
        }
        for descriptor in [outputs[0], errors[0]] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        for (name, value) in environment { unsafe setenv(name, value, 1) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(outputs[1], Int32(1)), (errors[1], Int32(2))] {
            unsafe posix_spawn_file_actions_adddup2(&actions, from, to)
            unsafe posix_spawn_file_actions_addclose(&actions, from)
        }
        // The child gets signals as a program expects them, not as this one has set them.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var identifier: pid_t = 0
        let status = unsafe posix_spawnp(&identifier, command[0], &actions, &attributes, &words, environ)
        close(outputs[1])
        close(errors[1])
        guard status == 0 else {
            close(outputs[0])
            close(errors[0])
            let reason = unsafe strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
            throw Failure("cannot run \(command[0]): \(reason.lowercased())")
        }
        self.identifier = identifier
        (output, error) = (outputs[0], errors[0])
    }

    /// Waits for the program's end; its status, or 128 and the signal's number.
    func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}

/// Hands signals that end this process on to the program it runs, whose end then ends it.
enum ForwardedSignals {
    private static let target = Atomic<pid_t>(0)

    static func forward(to identifier: pid_t) {
        target.store(identifier, ordering: .releasing)
        for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            signal(number) { received in
                let identifier = ForwardedSignals.target.load(ordering: .acquiring)
                if identifier > 0 { kill(identifier, received) }
            }
        }
    }
}
