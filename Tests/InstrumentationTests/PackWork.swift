import Foundation
import MartletCore
import MartletMetrics
import Testing

/// What a collector says again and again while something is at work, and which families have moved by it.
struct PackWork {
    /// The families that have moved so far: counters upwards, from nothing too, gauges in either direction.
    private(set) var moved: Set<String> = []

    /// The families that there were at any time.
    private(set) var seen: Set<String> = []

    private var last: [String: MetricFamily] = [:]
    private var hasLooked = false

    /// Takes a reading in.
    mutating func look(_ families: [MetricFamily]) {
        for family in families {
            seen.insert(family.name)
            guard let before = last[family.name] else {
                if hasLooked, family.metadata.type != .gauge, PackWork.sum(family) > 0 { moved.insert(family.name) }
                last[family.name] = family
                continue
            }
            let isMoved =
                family.metadata.type == .gauge
                ? family.series != before.series : PackWork.sum(family) > PackWork.sum(before)
            if isMoved { moved.insert(family.name) }
            last[family.name] = family
        }
        hasLooked = true
    }

    /// Works until all of some families have moved that the machine supplies, for at most a minute.
    ///
    /// - Returns: Those that have not moved.
    mutating func until(
        _ names: [String],
        work: (inout PackWork) throws -> Void
    ) throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        var missing = names
        repeat {
            try work(&self)
            missing = names.filter { seen.contains($0) && !moved.contains($0) }
        } while !missing.isEmpty && ContinuousClock.now < deadline
        return missing
    }

    /// The sum of all series; a distribution counts by its observations.
    static func sum(_ family: MetricFamily) -> Double {
        family.series.reduce(0) { sum, series in
            switch series.value {
            case .histogram(let value): sum + Double(value.count)
            case .summary(let value): sum + Double(value.count)
            default: sum + (series.value.number ?? 0)
            }
        }
    }
}

/// Computes on all processors and one more, so that threads have to wait for one another.
func burn(_ seconds: Double) {
    let threads = (0...ProcessInfo.processInfo.activeProcessorCount).map { _ in
        Thread {
            let end = ContinuousClock.now + .seconds(seconds)
            var value: UInt64 = 1
            while ContinuousClock.now < end { for _ in 0..<10_000 { value = value &* 3 &+ 1 } }
            withExtendedLifetime(value) {}
        }
    }
    for thread in threads { thread.start() }
    while !threads.allSatisfy(\.isFinished) { usleep(500) }
}

/// A program of the system that runs until it is ended.
final class Child {
    private let process = Process()
    private let input = Pipe()

    /// Starts a shell; what it does after reading a line waits for ``proceed()``.
    init(_ command: String) throws {
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        kill(identifier, SIGKILL)
        process.waitUntilExit()
    }

    var identifier: pid_t { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    func proceed() throws { try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

    func waitUntilExit() { process.waitUntilExit() }
}

/// A file of a temporary directory, written to the disk and read from it rather than from memory.
final class DiskFile {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-work-\(UUID().uuidString)")
    private var files = 0

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a new file to the disk, has the kernel forget it, and reads it back.
    func writeAndRead(_ bytes: Int) throws {
        files += 1
        let path = folder.appending(path: "\(files)").path
        let data = [UInt8](repeating: UInt8(truncatingIfNeeded: files), count: bytes)
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let written = write(file, data, data.count)
        #expect(written == bytes)
        fsync(file)
        posix_fadvise(file, 0, 0, Int32(POSIX_FADV_DONTNEED))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        lseek(file, 0, SEEK_SET)
        while read(file, &buffer, buffer.count) > 0 {}
    }

    /// Makes files without content.
    func touch(_ count: Int) {
        for _ in 0..<count {
            files += 1
            close(open(folder.appending(path: "\(files)").path, O_RDWR | O_CREAT, 0o600))
        }
    }
}
