extension Summary.Series: LabeledMetric {
    /// The series of a family whose cell was found; only the library calls it.
    public init(_cell cell: UInt32, of family: FamilyReference) {
        self.init(family.instrument, cell: cell)
    }

    /// A summary; only the library asks.
    @inlinable @inline(__always)
    public static var _kind: MetricKind { .summary }
}

extension Summary {
    /// A summary with labels that are texts.
    public typealias Family = LabeledFamily<Series>
}

extension LabeledFamily<Summary.Series> {
    /// Describes a summary with up to four labels.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_response_bytes`.
    ///   - help: What is observed, one sentence.
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
                .summary,
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
