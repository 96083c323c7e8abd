#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A few facts about the process and the machine that status pages show.
struct Machine {
    let hostName: String
    let workingDirectory: String
    let processors: Int
    let threads: Int

    static var current: Machine {
        var name = [CChar](repeating: 0, count: 256)
        let hasName = unsafe gethostname(&name, name.count - 1) == 0
        var directory = [CChar](repeating: 0, count: Int(PATH_MAX))
        let hasDirectory = unsafe getcwd(&directory, directory.count) != nil
        return Machine(
            hostName: hasName ? text(name) : "",
            workingDirectory: hasDirectory ? text(directory) : "",
            processors: processors,
            threads: threadCount
        )
    }

    /// How many processors there are.
    static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Makes writing to a pipe or socket that nobody reads any more an error, not the end of the process.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Holds the calling thread for a moment.
    static func rest(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }

    /// The number of entries in `/proc/self/task`, which the folder's link count tells.
    private static var threadCount: Int {
        var information = stat()
        guard unsafe stat("/proc/self/task", &information) == 0 else { return 0 }
        return max(0, Int(information.st_nlink) - 2)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
