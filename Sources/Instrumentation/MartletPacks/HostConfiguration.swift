/// Where the host collector looks, and what it leaves out.
public struct HostConfiguration: Sendable {
    /// Where the process file system is mounted.
    public var procRoot: String

    /// Where the kernel's device tree is mounted.
    public var sysRoot: String

    /// Where the machine's root directory is seen; something else than empty in a container that watches its host.
    public var fileSystemRoot: String

    /// Whether a disk is left out, by its name such as `loop0`.
    public var ignoresDevice: @Sendable (String) -> Bool

    /// Whether a file system is left out, by its mount point and type such as `/proc` and `proc`.
    public var ignoresMount: @Sendable (_ mountPoint: String, _ type: String) -> Bool

    /// Whether a network interface is left out, by its name such as `veth1`.
    public var ignoresInterface: @Sendable (String) -> Bool

    /// Creates a configuration; the defaults fit a machine that watches itself.
    public init(
        procRoot: String = "/proc",
        sysRoot: String = "/sys",
        fileSystemRoot: String = "",
        ignoresDevice: @escaping @Sendable (String) -> Bool = HostConfiguration.isVirtualDevice,
        ignoresMount: @escaping @Sendable (String, String) -> Bool = HostConfiguration.isVirtualMount,
        ignoresInterface: @escaping @Sendable (String) -> Bool = HostConfiguration.isVirtualInterface
    ) {
        self.procRoot = procRoot
        self.sysRoot = sysRoot
        self.fileSystemRoot = fileSystemRoot
        self.ignoresDevice = ignoresDevice
        self.ignoresMount = ignoresMount
        self.ignoresInterface = ignoresInterface
    }

    /// Whether a disk is one of memory, a loop, a floppy or a partition of another.
    @Sendable
    public static func isVirtualDevice(_ name: String) -> Bool {
        for prefix in ["ram", "loop", "fd", "zram", "sr"] where name.hasPrefix(prefix) {
            return name.dropFirst(prefix.count).allSatisfy(\.isNumber)
        }
        return isPartition(name)
    }

    /// Whether a file system has no space of its own: the kernel's, in memory, or layered over another.
    @Sendable
    public static func isVirtualMount(_ mountPoint: String, _ type: String) -> Bool {
        if virtualTypes.contains(type) || type.hasPrefix("fuse.") && type != "fuse.sshfs" { return true }
        let trees = [
            "/dev", "/proc", "/sys", "/run/credentials", "/run/user", "/var/lib/docker", "/var/lib/containers",
        ]
        return trees.contains { mountPoint == $0 || mountPoint.hasPrefix($0 + "/") }
    }

    /// Whether an interface is one end of a container's cable.
    @Sendable
    public static func isVirtualInterface(_ name: String) -> Bool {
        name.hasPrefix("veth")
    }

    private static let virtualTypes: Set<String> = [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "fusectl", "hugetlbfs", "iso9660", "mqueue", "nsfs", "overlay", "proc", "procfs", "pstore", "ramfs",
        "rootfs", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs", "tracefs", "tmpfs",
    ]

    /// `sda1`, `vdb12`, `nvme0n1p3`, `mmcblk0p1`.
    private static func isPartition(_ name: String) -> Bool {
        let digits = name.reversed().prefix { $0.isNumber }.count
        guard digits > 0 else { return false }
        let stem = name.dropLast(digits)
        if name.hasPrefix("nvme") || name.hasPrefix("mmcblk") { return stem.last == "p" }
        for prefix in ["sd", "hd", "vd", "xvd"] where stem.hasPrefix(prefix) { return true }
        return false
    }
}
