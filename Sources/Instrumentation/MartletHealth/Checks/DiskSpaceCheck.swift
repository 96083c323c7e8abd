/// Looks at the free space where a directory lies.
public struct DiskSpaceCheck: HealthCheck {
    /// `disk_space` unless said otherwise.
    public let name: String

    /// Critical unless said otherwise.
    public let isCritical: Bool

    /// The machine.
    public let kind = HealthKind.system

    /// A file system on a network may hang.
    public let isBlocking = true

    private let directory: String
    private let criticalBytes: UInt64
    private let lowBytes: UInt64

    /// Creates the check of a directory.
    ///
    /// - Parameters:
    ///   - directory: The directory.
    ///   - name: The check's name.
    ///   - isCritical: Whether the program cannot do its work without the space.
    ///   - criticalMebibytes: Below this the state is critical; 100 MiB unless said otherwise.
    ///   - lowMebibytes: Below this the state is degraded; 1000 MiB unless said otherwise.
    public init(
        _ directory: String,
        name: String = "disk_space",
        isCritical: Bool = true,
        criticalMebibytes: UInt64 = 100,
        lowMebibytes: UInt64 = 1000
    ) {
        self.directory = directory
        self.name = name
        self.isCritical = isCritical
        criticalBytes = criticalMebibytes << 20
        lowBytes = lowMebibytes << 20
    }

    /// Looks.
    public func check() -> HealthResult {
        guard Platform.isDirectory(directory) else {
            return .critical("Cannot access database directory", details: ["directory": .string(directory)])
        }
        guard let space = Platform.space(at: directory) else {
            return .degraded("Cannot determine disk space", details: ["directory": .string(directory)])
        }
        return result(space)
    }

    func result(_ space: Platform.Space) -> HealthResult {
        let details: [String: HealthValue] = [
            "directory": .string(directory),
            "available_bytes": .integer(Int64(clamping: space.availableBytes)),
            "total_bytes": .integer(Int64(clamping: space.totalBytes)),
        ]
        if space.availableBytes < criticalBytes { return .critical("Insufficient disk space", details: details) }
        if space.availableBytes < lowBytes { return .degraded("Low disk space", details: details) }
        return .healthy("Sufficient disk space available", details: details)
    }
}
