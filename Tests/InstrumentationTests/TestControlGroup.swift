import Foundation
import MartletPacks
import Testing

/// A control group of a test, of version 1; gone with the object, together with what runs in it.
final class TestControlGroup {
    private static let root = "/sys/fs/cgroup"
    private static let controllers = ["cpu", "cpuacct", "memory", "blkio", "pids"]

    /// Whether this process may make one.
    static let isPossible: Bool = controllers.allSatisfy {
        access("\(root)/\($0)/cgroup.procs", W_OK) == 0 && getuid() == 0
    }

    let name = "martlet-test-\(getpid())"
    private var tree: RecordedTree?

    init() throws {
        for controller in Self.controllers {
            try FileManager.default.createDirectory(atPath: folder(controller), withIntermediateDirectories: true)
        }
    }

    deinit {
        for process in (try? processes) ?? [] { kill(process, SIGKILL) }
        for controller in Self.controllers {
            // The kernel keeps a group until the last of its processes is gone.
            for _ in 0..<1000 where rmdir(folder(controller)) != 0 { usleep(1000) }
        }
    }

    private func folder(_ controller: String) -> String { "\(Self.root)/\(controller)/\(name)" }

    /// The files that a process writes its number to, to be of the group.
    var lists: String { Self.controllers.map { folder($0) + "/cgroup.procs" }.joined(separator: " ") }

    var processes: [pid_t] {
        get throws {
            try String(contentsOfFile: folder("memory") + "/cgroup.procs", encoding: .utf8)
                .split(separator: "\n").compactMap { pid_t($0) }
        }
    }

    /// The collector as a process of the group would have it: the machine's files, but for the name of the group.
    func collector() throws -> HostCollector {
        let lines = Self.controllers.enumerated().map { "\($0 + 2):\($1):/\(name)\n" }
        let tree = try RecordedTree(["self/cgroup": lines.joined()])
        for file in try FileManager.default.contentsOfDirectory(atPath: "/proc") where file != "self" {
            if file.allSatisfy(\.isNumber) { continue }
            symlink("/proc/" + file, tree.path + "/" + file)
        }
        self.tree = tree
        return HostCollector(configuration: HostConfiguration(procRoot: tree.path))
    }

    /// The collector finds the processes of the group where it looks for all.
    func show(_ process: pid_t) {
        if let tree { symlink("/proc/\(process)", tree.path + "/\(process)") }
    }

    func limit(processorPercent: Int?) throws {
        try set("cpu", "cpu.cfs_quota_us", processorPercent.map { "\($0 * 1000)" } ?? "-1")
    }

    /// Has the kernel account for a disk, which it does for those with a limit; this one is far above what disks do.
    func watch(diskOf folder: URL) throws {
        var status = stat()
        try #require(stat(folder.path, &status) == 0)
        // As the C library's macros `major` and `minor` take a device number apart.
        let (major, minor) = (status.st_dev >> 8 & 0xFFF, status.st_dev & 0xFF | status.st_dev >> 12 & 0xFFF00)
        let device = "\(major):\(minor) 1000000000000"
        for direction in ["read", "write"] { try set("blkio", "blkio.throttle.\(direction)_bps_device", device) }
    }

    func limit(memoryBytes: Int) throws { try set("memory", "memory.limit_in_bytes", "\(memoryBytes)") }

    private func set(_ controller: String, _ file: String, _ value: String) throws {
        try Data(value.utf8).write(to: URL(filePath: "\(folder(controller))/\(file)"))
    }

    /// Waits for something of the group, for at most half a minute.
    func `await`(_ isThere: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try !isThere(), ContinuousClock.now < deadline { usleep(1000) }
        #expect(try isThere())
    }
}
