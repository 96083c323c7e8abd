import MartletCore
import MartletTSDB

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// `martlet export`.
enum ExportVerb: Verb {
    static let syntax = Syntax(
        words: ["export"],
        summary: "Make a whole copy of the data, by hard links, in a moment and while the server runs.",
        options: [
            .init(name: "--snapshot", value: "DIR", help: "the directory to make, on the same file system as the data"),
            .init(
                name: "--data-dir",
                value: "DIR",
                help: "copy this data directory, which no server may have open; without it, ask a running server"
            ),
            APIClient.option,
        ],
        discussion: """
            The copy shares its files with the data directory as long as both have them, so that it takes next to no space
            at first. It is a data directory itself: to restore it, stop the server and start it with
            --data-dir on the copy, or on a copy of the copy. A running server needs --enable-admin-api, and has to be on
            this machine.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        guard let directory = arguments["--snapshot"] else {
            throw UsageError("export needs to know where to: --snapshot DIR", syntax: syntax)
        }
        if let source = arguments["--data-dir"] {
            try copy(source, to: directory)
        } else {
            try await ask(arguments, for: directory)
        }
        Terminal.print("\(directory)\n")
        return .success
    }

    private static func copy(_ source: String, to directory: String) throws {
        guard unsafe access(source, F_OK) == 0 else { throw Failure("there is no data directory \(source)") }
        var settings = TimeSeriesStore.Configuration(directory: source)
        // Making a copy is no occasion to delete anything.
        settings.retention = .seconds(100 * 365 * 86_400)
        let store = try TimeSeriesStore(settings)
        defer { try? store.close() }
        try store.snapshot(to: directory)
    }

    /// Lets the server make the copy below its data directory, and moves it to where it is wanted.
    private static func ask(_ arguments: Arguments, for directory: String) async throws {
        guard unsafe access(directory, F_OK) != 0 else { throw Failure("\(directory) exists already; name another") }
        let client = try APIClient(arguments)
        let flags = try await client.data("/api/v1/status/flags")
        let working = try await client.data("/api/v1/status/runtimeinfo")["CWD"].text
        var data = flags["storage.tsdb.path"].text
        if !data.hasPrefix("/") { data = "\(working)/\(data)" }
        let name = try await client.post("/api/v1/admin/tsdb/snapshot")["name"].text
        let snapshot = "\(data)/snapshots/\(name)"
        guard unsafe rename(snapshot, directory) == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw Failure("the copy is made, but cannot be moved to \(directory) (\(reason)); it is in \(snapshot)")
        }
    }
}
