public import MartletCore

/// What holds for all jobs and rules where they say nothing else: the `global` section.
public struct GlobalConfiguration: Hashable, Sendable {
    /// How often targets are scraped (`scrape_interval`, default 1m).
    public var scrapeInterval: Duration = .seconds(60)

    /// How long a scrape may take (`scrape_timeout`, default 10s, never over the interval).
    public var scrapeTimeout: Duration = .seconds(10)

    /// How often rules are evaluated (`evaluation_interval`, default 1m).
    public var evaluationInterval: Duration = .seconds(60)

    /// How far in the past rules are evaluated (`rule_query_offset`, default 0s).
    public var ruleQueryOffset: Duration = .zero

    /// The labels given to everything that leaves this server (`external_labels`).
    public var externalLabels: LabelSet = .empty

    /// The forms asked of targets, best first (`scrape_protocols`).
    public var scrapeProtocols = ScrapeProtocol.standard

    /// The limits of jobs that set none.
    public var limits = ScrapeLimits()

    /// Creates the defaults.
    public init() {}
}
