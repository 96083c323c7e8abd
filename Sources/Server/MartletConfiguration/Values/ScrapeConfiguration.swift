/// One job: an entry of `scrape_configs`, with what it inherits from `global` filled in.
public struct ScrapeConfiguration: Equatable, Sendable {
    /// The job's name, unique in the file.
    public var jobName: String

    /// How often targets are scraped.
    public var interval: Duration = .seconds(60)

    /// How long a scrape may take; at most the interval.
    public var timeout: Duration = .seconds(10)

    /// The path of the metrics (`metrics_path`).
    public var metricsPath = "/metrics"

    /// The parameters of the address, sorted by name.
    public var parameters: [Parameter] = []

    /// `http` or `https`.
    public var scheme = "http"

    /// How targets are asked.
    public var http = HTTPClientSettings()

    /// Whether gzip is asked for (`enable_compression`).
    public var asksForCompression = true

    /// Whether a target's labels win over the server's (`honor_labels`).
    public var honorsLabels = false

    /// Whether a target's timestamps are kept (`honor_timestamps`).
    public var honorsTimestamps = true

    /// Whether series with their own timestamps get stale markers too (`track_timestamps_staleness`).
    public var tracksTimestampStaleness = false

    /// The forms asked for, best first.
    public var protocols = ScrapeProtocol.standard

    /// The form assumed where a target does not name one (`fallback_scrape_protocol`).
    public var fallbackProtocol: ScrapeProtocol?

    /// What a scrape may give at most.
    public var limits = ScrapeLimits()

    /// The targets that stand in the file.
    public var staticGroups: [TargetGroup] = []

    /// The files that list targets.
    public var fileDiscoveries: [FileDiscovery] = []

    /// The rules for targets.
    public var relabelRules: [RelabelRule] = []

    /// The rules for samples.
    public var metricRelabelRules: [RelabelRule] = []

    /// Creates a job with the defaults.
    public init(jobName: String) {
        self.jobName = jobName
    }

    /// A parameter of the address, with its values in order.
    public struct Parameter: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The values.
        public var values: [String]

        /// Creates a parameter.
        public init(name: String, values: [String]) {
            self.name = name
            self.values = values
        }
    }
}
