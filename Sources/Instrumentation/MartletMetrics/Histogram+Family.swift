extension Histogram.Series: LabeledMetric {
    /// The series of a family whose cell was found; only the library calls it.
    @inlinable @inline(__always)
    public init(_cell cell: UInt32, of family: FamilyReference) {
        unsafe self.init(bounds: family.bounds, cell: cell, control: family.control)
    }

    /// A histogram; only the library asks.
    @inlinable @inline(__always)
    public static var _kind: MetricKind { .histogram }
}

extension Histogram {
    /// A histogram with labels that are texts.
    public typealias Family = LabeledFamily<Series>
}

extension LabeledFamily<Histogram.Series> {
    /// Describes a histogram with up to four labels.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_request_duration_seconds`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `.seconds`.
    ///   - first: The name of the first label.
    ///   - second: The name of the second label, if there is one.
    ///   - third: The name of the third label, if there is one.
    ///   - fourth: The name of the fourth label, if there is one.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - seriesLimit: The highest number of series; 0 for what the registry says.
    ///   - expiry: How long a series stays that does not change, `nil` for ever. Look-ups of a family whose series expire
    ///     take a lock, and what they give must not be kept.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        _ second: String = "",
        _ third: String = "",
        _ fourth: String = "",
        buckets: HistogramBuckets = .standard,
        seriesLimit: Int = 0,
        expiry: Duration? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            declaration: FamilyDeclaration(
                name,
                .histogram,
                help: help,
                unit: unit,
                (first, second, third, fourth),
                buckets: buckets,
                seriesLimit: seriesLimit,
                expiry: expiry,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}
