public import MartletCore

/// A histogram whose buckets need not be chosen: they grow by a fixed factor, and find their resolution themselves.
///
/// ```swift
/// let latency = ExponentialHistogram("http_request_duration_seconds", help: "Time to answer.", unit: .seconds)
/// latency.observe(0.012)
/// ```
///
/// Prometheus calls it a native histogram, OpenTelemetry an exponential one. It begins at a resolution of 0.27 % a bucket
/// and halves it whenever the values spread over more buckets than allowed, so that its memory is bounded. Formats without
/// exponential buckets show its sum and count. Observing takes a lock for some ten nanoseconds and allocates nothing.
public struct ExponentialHistogram: ~Copyable, Sendable {
    @usableFromInline let place: ObjectPlace<ExponentialCore>
    @usableFromInline let name: String
    @usableFromInline let help: String
    @usableFromInline let unit: MetricUnit
    @usableFromInline let schema: Int32
    @usableFromInline let bucketsMax: Int
    @usableFromInline let zeroThreshold: Double
    @usableFromInline let labels: LabelSet?
    @usableFromInline let registry: MetricRegistry?
    @usableFromInline let file: StaticString
    @usableFromInline let line: UInt

    /// Describes an exponential histogram.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_request_duration_seconds`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `.seconds`.
    ///   - schema: The finest resolution, -4 through 8; it gets coarser as values spread.
    ///   - bucketsMax: The highest number of buckets of a sign, 132 through 1,024.
    ///   - zeroThreshold: Values of at most this magnitude count as zero.
    ///   - labels: Labels that never change.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        schema: Int32 = 8,
        bucketsMax: Int = 160,
        zeroThreshold: Double = 2.938735877055719e-39,
        constantLabels labels: LabelSet? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        place = ObjectPlace()
        self.name = name
        self.help = help
        self.unit = unit
        self.schema = schema
        self.bucketsMax = bucketsMax
        self.zeroThreshold = zeroThreshold
        self.labels = labels
        self.registry = registry
        self.file = file
        self.line = line
    }

    private var core: ExponentialCore { place.object ?? resolve(in: nil) }

    /// Takes a value in; NaN is refused and counted in `martlet_metric_calls_refused_total`.
    public func observe(_ value: Double) {
        core.observe(value)
    }

    /// Takes a length of time in, in seconds.
    public func observe(_ duration: Duration) {
        core.observe(duration.inSeconds)
    }

    /// The buckets, sum and count now.
    public var value: HistogramValue {
        guard case .histogram(let value) = core.value(at: 0) else {
            preconditionFailure("an exponential histogram is one")
        }
        return value
    }
}

extension ExponentialHistogram: DeclaredMetric {
    private var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: name,
            kind: .histogram,
            help: help,
            unit: unit.rawValue,
            details: "schema \(schema), at most \(bucketsMax) buckets, zero to \(zeroThreshold)",
            constantLabels: labels ?? .empty,
            site: DeclarationSite(file: "\(file)", line: line)
        )
    }

    private var problem: String? {
        if !(-4...8).contains(schema) { return "the schema \(schema) is not in -4...8" }
        if !(132...1024).contains(bucketsMax) { return "\(bucketsMax) buckets are not in 131...1024" }
        return zeroThreshold >= 0 && zeroThreshold.isFinite
            ? nil : "the zero threshold \(zeroThreshold) is not 0 or above"
    }

    private var maker: SeriesMaker {
        let isRight = problem == nil
        let (schema, bucketsMax) = (isRight ? schema : 8, isRight ? bucketsMax : 160)
        let threshold = isRight ? zeroThreshold : 0
        return { ExponentialCore(schema: schema, bucketsMax: bucketsMax, zeroThreshold: threshold, $0) }
    }

    /// Registers the histogram, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.object == nil { _ = resolve(in: registry) }
    }

    /// Registers the histogram, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        if let reason = problem { throw .invalidSetting(metric: name, reason: reason) }
        _ = place.keep(try registry.find(descriptor, makeObject: maker))
    }

    private func resolve(in other: MetricRegistry?) -> ExponentialCore {
        let registry = registry ?? other ?? .default
        let problem = problem.map { MetricRegistryError.invalidSetting(metric: name, reason: $0) }
        return place.keep(registry.instrument(descriptor, problem: problem, makeObject: maker))
    }
}
