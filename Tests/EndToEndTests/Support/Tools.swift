import Foundation
import Testing

/// The programs and folders that end-to-end tests need.
enum Tools {
    /// The root of the repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The binary under test: `MARTLET_BINARY`, or what the last release or debug build made.
    static let martlet: String = {
        if let path = ProcessInfo.processInfo.environment["MARTLET_BINARY"] { return path }
        let release = root.appending(path: ".build/release/martlet").path
        return FileManager.default.isExecutableFile(atPath: release)
            ? release : root.appending(path: ".build/debug/martlet").path
    }()

    /// A program that is built with the tests.
    static func built(_ name: String) -> String { root.appending(path: ".build/debug/\(name)").path }

    /// Where a program is, or `nil`.
    static func path(of program: String) -> String? {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(program)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        return nil
    }

    /// The Python of the tests' own environment, which `scripts/setup --test` makes.
    static var python: String { root.appending(path: ".build/test-environment/bin/python3").path }

    /// Whether that Python has a module; in CI its absence is a failure, not a skip.
    static func hasPython(_ module: String) -> Bool {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return (try? runHere(python, ["-c", "import \(module)"]).status) == 0
    }

    /// Whether a program is there; in CI its absence is a failure, not a skip.
    static func has(_ program: String) -> Bool {
        path(of: program) != nil || ProcessInfo.processInfo.environment["CI"] != nil
    }

    /// A port on loopback that was free a moment ago, below those that connections get, so that none of these takes it meanwhile.
    static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 15_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            address.sin_port = UInt16(port).bigEndian
            let isFree = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        throw Problem("no free port")
    }

    /// What a program that ran to its end left.
    typealias Outcome = (status: Int32, output: String, error: String)

    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: String..., input: String? = nil) async throws -> Outcome {
        try await run(program, arguments, input: input)
    }

    /// Runs a program to its end; a thread of its own waits for it, none of the few that all tests share.
    static func run(_ program: String, _ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runHere(program, arguments, input: input) })
            }
        }
    }

    /// Runs a program to its end and blocks the thread meanwhile: for the conditions of tests.
    static func runHere(_ program: String, _ arguments: [String], input: String? = nil) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: program.contains("/") ? program : (path(of: program) ?? program))
        process.arguments = arguments
        let folder = try Folder()
        let files = ["in", "out", "err"].map { folder.url.appending(path: $0) }
        try Data((input ?? "").utf8).write(to: files[0])
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOf: files[1], encoding: .utf8),
            try String(contentsOf: files[2], encoding: .utf8)
        )
    }
}

/// A temporary directory, removed with the object.
final class Folder: Sendable {
    let url: URL

    /// Makes a directory among the temporary ones, or in another place.
    init(at parent: String? = nil) throws {
        let parent = parent.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        url = parent.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = url.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}

/// Asks again and again until the answer is not `nil`; gives up with an issue after a generous time.
func eventually<Value>(
    within seconds: Double = 60,
    _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ ask: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if let value = try await ask() { return value }
        try await Task.sleep(for: .milliseconds(50))
    }
    return try #require(try await ask(), what, sourceLocation: sourceLocation)
}
