public import MartletCore

/// Tells quantiles of what was observed lately: the median and the 99th percentile of response sizes.
///
/// ```swift
/// let sizes = Summary("http_response_bytes", help: "Sizes of answers.", unit: .bytes)
/// sizes.observe(1_532)
/// ```
///
/// The quantiles are those of a sliding window, to a stated error of their rank, in bounded memory (under 0.5 MB a series
/// at the standard settings, and only at millions of observations a window). They can't be added up over series or
/// machines: where that matters, use a ``Histogram``, which is also faster. Observing takes a lock for some ten
/// nanoseconds; once the window was full, it allocates nothing.
public struct Summary: ~Copyable, Sendable {
    @usableFromInline let place: ObjectPlace<SummaryWindow>
    @usableFromInline let name: String
    @usableFromInline let help: String
    @usableFromInline let unit: MetricUnit
    @usableFromInline let settings: SummarySettings?
    @usableFromInline let labels: LabelSet?
    @usableFromInline let registry: MetricRegistry?
    @usableFromInline let file: StaticString
    @usableFromInline let line: UInt

    /// Describes a summary.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_response_bytes`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - settings: The quantiles, window and error; `nil` for the standard ones.
    ///   - labels: Labels that never change.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        settings: SummarySettings? = nil,
        constantLabels labels: LabelSet? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        place = ObjectPlace()
        self.name = name
        self.help = help
        self.unit = unit
        self.settings = settings
        self.labels = labels
        self.registry = registry
        self.file = file
        self.line = line
    }

    /// One series of a summary, found: what a family's look-up gives, and what may be copied, stored and captured freely.
    public struct Series: Sendable {
        let window: SummaryWindow?
        private let context: SeriesContext

        init(_ instrument: Instrument, cell: UInt32) {
            window = instrument.object(at: cell) as? SummaryWindow
            context = SeriesContext(clock: SystemWallClock(), control: instrument.control)
        }

        init(_ window: SummaryWindow) {
            self.window = window
            context = SeriesContext(clock: SystemWallClock(), control: 0)
        }

        /// Takes a value in; NaN is refused and counted in `martlet_metric_calls_refused_total`.
        public func observe(_ value: Double) {
            window?.observe(value)
        }

        /// Takes a length of time in, in seconds.
        public func observe(_ duration: Duration) {
            window?.observe(duration.inSeconds)
        }

        /// The quantiles of the window that ends at a time, and sum and count of all observations.
        ///
        /// - Parameter milliseconds: The time since the epoch; `nil` for now.
        /// - Returns: The summary at that time.
        public func value(at milliseconds: Int64? = nil) -> SummaryValue {
            let now = milliseconds.map { $0 * 1_000_000 } ?? context.clock.nanosecondsSinceEpoch
            guard case .summary(let value)? = window?.value(at: now) else {
                return SummaryValue(quantiles: [], sum: 0, count: 0)
            }
            return value
        }
    }

    /// The summary as a value that may be copied, stored and captured freely.
    public var series: Series { Series(window) }

    private var window: SummaryWindow { place.object ?? resolve(in: nil) }

    /// Takes a value in; NaN is refused and counted in `martlet_metric_calls_refused_total`.
    public func observe(_ value: Double) {
        window.observe(value)
    }

    /// Takes a length of time in, in seconds.
    public func observe(_ duration: Duration) {
        window.observe(duration.inSeconds)
    }

    /// The quantiles of the window that ends now, and sum and count of all observations.
    public var value: SummaryValue { series.value() }
}

extension Summary: DeclaredMetric {
    private var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: name,
            kind: .summary,
            help: help,
            unit: unit.rawValue,
            details: "\(settings ?? .standard)",
            constantLabels: labels ?? .empty,
            site: DeclarationSite(file: "\(file)", line: line)
        )
    }

    private var maker: SeriesMaker {
        let settings = settings.flatMap { $0.problem == nil ? $0 : nil } ?? .standard
        return { SummaryWindow(settings, $0) }
    }

    /// Registers the summary, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.object == nil { _ = resolve(in: registry) }
    }

    /// Registers the summary, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        if let reason = settings?.problem { throw .invalidSetting(metric: name, reason: reason) }
        _ = place.keep(try registry.find(descriptor, makeObject: maker))
    }

    private func resolve(in other: MetricRegistry?) -> SummaryWindow {
        let registry = registry ?? other ?? .default
        let problem = settings?.problem.map { MetricRegistryError.invalidSetting(metric: name, reason: $0) }
        return place.keep(registry.instrument(descriptor, problem: problem, makeObject: maker))
    }
}
