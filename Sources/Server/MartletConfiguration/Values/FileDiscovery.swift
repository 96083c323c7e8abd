/// Files that list targets and are read again when they change: an entry of `file_sd_configs`.
public struct FileDiscovery: Hashable, Sendable {
    /// The paths, whose last component may be a pattern such as `*.json`.
    public var patterns: [String]

    /// How often the files are read again even if they do not seem changed (`refresh_interval`, default 5m).
    public var refreshInterval: Duration

    /// Creates a discovery.
    public init(patterns: [String], refreshInterval: Duration = .seconds(300)) {
        self.patterns = patterns
        self.refreshInterval = refreshInterval
    }
}
