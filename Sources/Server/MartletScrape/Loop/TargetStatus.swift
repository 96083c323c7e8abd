public import MartletCore

/// How a target is doing.
public struct TargetStatus: Sendable, Hashable {
    /// Whether the last scrape succeeded.
    public enum Health: String, Sendable {
        /// Not scraped yet.
        case unknown
        /// It did.
        case up
        /// It did not.
        case down
    }

    /// The job.
    public var job: String

    /// The labels of all its series.
    public var labels: LabelSet

    /// The labels before relabelling.
    public var discoveredLabels: LabelSet

    /// Where it is scraped.
    public var scrapeURL: String

    /// How often.
    public var interval: Duration

    /// How long an answer may take.
    public var timeout: Duration

    /// How the last scrape went.
    public var health = Health.unknown

    /// Why the last scrape failed; empty where it did not.
    public var lastError = ""

    /// When the last scrape began, in milliseconds since the epoch; `nil` before the first.
    public var lastScrape: Int64?

    /// How long the last scrape took, in seconds.
    public var lastScrapeDuration = 0.0

    /// How many samples the last scrape read.
    public var lastSamples = 0
}

/// A target that a rule dropped.
public struct DroppedTarget: Sendable, Hashable {
    /// The job.
    public var job: String

    /// The labels before relabelling.
    public var discoveredLabels: LabelSet
}

/// What one target says of a metric family.
public struct TargetMetadata: Sendable, Hashable {
    /// The target's labels.
    public var target: LabelSet

    /// The family.
    public var metric: String

    /// Type, help and unit.
    public var metadata: MetricMetadata
}
