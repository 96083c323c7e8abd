import MartletConfiguration
public import MartletCore

/// One address that is scraped, after relabelling.
public struct ScrapeTarget: Hashable, Sendable {
    /// The labels of all its series: `job`, `instance` and what discovery and relabelling added.
    public var labels: LabelSet

    /// The labels before relabelling, those that begin with `__` among them.
    public var discoveredLabels: LabelSet

    /// Where the metrics are asked for.
    public var url: String

    /// How often.
    public var interval: Duration

    /// How long an answer may take.
    public var timeout: Duration

    /// Creates a target.
    public init(
        labels: LabelSet,
        discoveredLabels: LabelSet,
        url: String,
        interval: Duration,
        timeout: Duration
    ) {
        self.labels = labels
        self.discoveredLabels = discoveredLabels
        self.url = url
        self.interval = interval
        self.timeout = timeout
    }

    /// What makes two targets one: labels, address and times, but not how they were discovered.
    struct Key: Hashable {
        var labels: LabelSet
        var url: String
        var interval: Duration
        var timeout: Duration
    }

    var key: Key { Key(labels: labels, url: url, interval: interval, timeout: timeout) }

    /// A number that spreads targets evenly over their interval, the same in every process.
    var spread: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in labels.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in url.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 33
        hash &*= 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }
}
