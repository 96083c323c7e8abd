public import MartletConfiguration
public import MartletCore
public import MartletExposition
public import MartletMetrics

/// A target inside this process: read by a call instead of over HTTP, and otherwise treated like any other.
public struct InternalTarget: Sendable {
    /// The job's name; it must differ from the jobs of the configuration and from other internal targets.
    public var job: String

    /// The value of the label `instance`.
    public var instance: String

    /// More labels of all its series.
    public var labels: LabelSet

    /// What is shown as its address.
    public var url: String

    /// How often it is read.
    public var interval: Duration

    /// How many samples it may give and more.
    public var limits = ScrapeLimits()

    /// Whether its own labels win over `job` and `instance`.
    public var honorsLabels = false

    let read: @Sendable () async throws -> ScrapedExposition

    /// Creates a target that gives an exposition's bytes.
    ///
    /// - Parameters:
    ///   - job: The job's name.
    ///   - instance: The value of the label `instance`.
    ///   - labels: More labels of all its series.
    ///   - url: What is shown as its address; `internal:` and the job where nothing is given.
    ///   - interval: How often it is read.
    ///   - format: The bytes' format, text or OpenMetrics.
    ///   - exposition: Gives the bytes; what it throws fails the scrape.
    public init(
        job: String,
        instance: String,
        labels: LabelSet = .empty,
        url: String? = nil,
        interval: Duration,
        format: ExpositionFormat,
        exposition: @escaping @Sendable () async throws -> [UInt8]
    ) {
        precondition(format != .json, "an internal target gives text or OpenMetrics; got JSON")
        self.job = job
        self.instance = instance
        self.labels = labels
        self.url = url ?? "internal:\(job)"
        self.interval = interval
        read = { ScrapedExposition(bytes: try await exposition(), format: format) }
    }

    /// Creates a target that gives metric families.
    ///
    /// - Parameters:
    ///   - job: The job's name.
    ///   - instance: The value of the label `instance`.
    ///   - labels: More labels of all its series.
    ///   - url: What is shown as its address; `internal:` and the job where nothing is given.
    ///   - interval: How often it is read.
    ///   - families: Gives the families; what it throws fails the scrape.
    public init(
        job: String,
        instance: String,
        labels: LabelSet = .empty,
        url: String? = nil,
        interval: Duration,
        families: @escaping @Sendable () async throws -> [MetricFamily]
    ) {
        let renderer = ExpositionRenderer(.text, escaping: .allowUTF8)
        self.init(job: job, instance: instance, labels: labels, url: url, interval: interval, format: .text) {
            renderer.render(try await families())
        }
    }

    /// The target as others are.
    var target: ScrapeTarget {
        let own = LabelSet([Label("job", job), Label("instance", instance)] + labels)
        return ScrapeTarget(labels: own, discoveredLabels: own, url: url, interval: interval, timeout: interval)
    }

    /// The job's settings as a file would give them.
    var configuration: ScrapeConfiguration {
        var configuration = ScrapeConfiguration(jobName: job)
        configuration.interval = interval
        configuration.timeout = interval
        configuration.limits = limits
        configuration.honorsLabels = honorsLabels
        return configuration
    }
}

/// Asks an internal target.
struct InternalExpositionSource: ExpositionSource {
    let target: InternalTarget

    func fetch() async throws(SourceError) -> ScrapedExposition {
        let exposition: ScrapedExposition
        do {
            exposition = try await target.read()
        } catch {
            if error is CancellationError { throw .cancelled }
            throw .failed(ScrapeFailure(.source, "cannot read \(target.url): \(error)"))
        }
        guard exposition.bytes.count <= target.limits.bodyBytes else {
            throw .failed(ScrapeFailure(.bodyTooLarge, "body exceeds the limit of \(target.limits.bodyBytes) bytes"))
        }
        return exposition
    }
}
