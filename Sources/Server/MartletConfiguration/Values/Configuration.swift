/// All that one configuration file says, checked, with defaults filled in.
public struct Configuration: Sendable {
    /// The file as the user named it; empty for ``default``.
    public var file = ""

    /// What holds for all jobs and rules.
    public var global = GlobalConfiguration()

    /// The jobs, in the order written.
    public var scrapeConfigurations: [ScrapeConfiguration] = []

    /// The rule files' paths, whose last component may be a pattern; relative ones are resolved already.
    public var ruleFiles: [String] = []

    /// How this server is reached.
    public var server = ServerConfiguration()

    /// How the server's own collectors work.
    public var metrics = MetricsConfiguration()

    /// How samples are kept.
    public var storage = StorageConfiguration()

    /// How traces are kept.
    public var traces = TracesConfiguration()

    /// How audit events are kept.
    public var audit = AuditSettings()

    /// How logs are kept.
    public var logs = LogsConfiguration()

    /// How metrics of OpenTelemetry become series.
    public var otlp = OTLPConfiguration()

    /// How health is checked.
    public var health = HealthConfiguration()

    /// The sections that alerting reads.
    public var alertingSections = AlertingSections()

    /// What is odd but usable, to be logged once.
    public var warnings: [ConfigurationProblem] = []

    /// Creates the configuration of an empty file.
    public init() {}

    /// The configuration of a server that is given no file.
    public static let `default` = Configuration()

    /// The existing files that ``ruleFiles`` name now, each once, in order.
    public var matchingRuleFiles: [String] {
        var seen: Set<String> = []
        return ruleFiles.flatMap { FileContent.paths(matching: $0) }.filter { seen.insert($0).inserted }
    }
}
