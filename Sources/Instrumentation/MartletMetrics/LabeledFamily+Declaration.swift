extension LabeledFamily where Metric: ScalarMetric {
    /// Describes a counter or a gauge with up to four labels.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, and `_total` where it counts, such as `http_requests_total` or `queue_bytes`.
    ///   - help: What is counted or measured, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - second: The name of the second label, if there is one.
    ///   - third: The name of the third label, if there is one.
    ///   - fourth: The name of the fourth label, if there is one.
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
        seriesLimit: Int = 0,
        expiry: Duration? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            declaration: FamilyDeclaration(
                name,
                Metric._kind,
                help: help,
                unit: unit,
                (first, second, third, fourth),
                buckets: .standard,
                seriesLimit: seriesLimit,
                expiry: expiry,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}
