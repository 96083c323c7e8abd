import Foundation
import MartletLogInputs
import MartletOTLP
import Synchronization
import Testing

/// Takes records and remembers them; refuses as often as it is told to.
final class Taken: LogTarget {
    private let logs = Mutex<[ResourceLogs]>([])
    let refusals = Mutex(0)

    func append(_ new: [ResourceLogs]) throws(LogTargetError) {
        let refuses = refusals.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
        if refuses { throw LogTargetError("the disk is full") }
        logs.withLock { $0 += new }
    }

    var entries: [LogEntry] { logs.withLock { $0.flatMap { $0.scopeLogs.flatMap(\.entries) } } }
    var bodies: [String] { entries.map(\.body.text) }
    var resources: [String] {
        logs.withLock { $0.flatMap { $0.resource.attributes.map { "\($0.key)=\($0.value.text)" } } }
    }

    /// Waits, with a generous bound, until there are as many records.
    func wait(for count: Int) async {
        for _ in 0..<2_000 {
            if entries.count >= count { return }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A directory for one test, removed with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("inputs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// Appends as a program that logs does.
    func append(_ name: String, _ text: String) throws {
        guard let handle = FileHandle(forWritingAtPath: "\(path)/\(name)") else { return try write(name, text) }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    func rename(_ name: String, _ new: String) throws {
        try? FileManager.default.removeItem(atPath: "\(path)/\(new)")
        try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(new)")
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// Copies a file aside and empties it in place, as logrotate's copytruncate does.
    func copyAndTruncate(_ name: String, _ new: String) throws {
        try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(new)")
        truncate("\(path)/\(name)", 0)
    }
}
