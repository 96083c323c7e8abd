public import MartletSeries

/// What scraping has done since the start, in counts that only grow but for ``targets`` and ``jobs``.
public struct ScrapeStatistics: Hashable, Sendable {
    /// How many jobs there are now, those of this process among them.
    public var jobs = 0

    /// How many targets there are now.
    public var targets = 0

    /// Scrapes that succeeded.
    public var succeeded = 0

    /// Scrapes that failed, by kind.
    public var failed: [ScrapeFailure.Reason: Int] = [:]

    /// Times at which a scrape was due but the one before was still running.
    public var missedTicks = 0

    /// Samples that the store took, reports such as `up` and stale markers among them.
    public var samplesAppended = 0

    /// Samples that the store refused, by reason.
    public var samplesRejected: [AppendResult.Reason: Int] = [:]

    /// Batches that the store could not take at all.
    public var storageErrors = 0

    /// Stale markers written.
    public var staleMarkers = 0

    /// Samples that metric relabelling dropped.
    public var samplesDropped = 0

    /// Target files that could not be read, counted once a change.
    public var discoveryErrors = 0

    /// Addresses that are no usable targets, counted at each discovery.
    public var targetsRefused = 0

    /// Creates counts of zero.
    public init() {}
}
