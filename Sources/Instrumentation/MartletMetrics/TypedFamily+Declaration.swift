extension Counter {
    /// A counter with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, OneLabel<First>>

    /// A counter with two labels whose values are enumerations'.
    public typealias By2<First: LabelValue, Second: LabelValue> = TypedFamily<Series, TwoLabels<First, Second>>
}

extension Gauge {
    /// A gauge with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, OneLabel<First>>

    /// A gauge with two labels whose values are enumerations'.
    public typealias By2<First: LabelValue, Second: LabelValue> = TypedFamily<Series, TwoLabels<First, Second>>
}

extension Histogram {
    /// A histogram with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, OneLabel<First>>

    /// A histogram with two labels whose values are enumerations'.
    public typealias By2<First: LabelValue, Second: LabelValue> = TypedFamily<Series, TwoLabels<First, Second>>
}

extension TypedFamily where Metric: ScalarMetric {
    /// Describes a metric by an enumeration.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, and `_total` where it counts.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the label.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init<First>(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) where Labels == OneLabel<First> {
        self.init(
            declaration: FamilyDeclaration(
                name,
                Metric._kind,
                help: help,
                unit: unit,
                (first, "", "", ""),
                buckets: .standard,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }

    /// Describes a metric by two enumerations.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, and `_total` where it counts.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - second: The name of the second label.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init<First, Second>(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        _ second: String,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) where Labels == TwoLabels<First, Second> {
        self.init(
            declaration: FamilyDeclaration(
                name,
                Metric._kind,
                help: help,
                unit: unit,
                (first, second, "", ""),
                buckets: .standard,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}

extension TypedFamily where Metric == Histogram.Series {
    /// Describes a histogram by an enumeration.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, and `_total` where it counts.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the label.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init<First>(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) where Labels == OneLabel<First> {
        self.init(
            declaration: FamilyDeclaration(
                name,
                Metric._kind,
                help: help,
                unit: unit,
                (first, "", "", ""),
                buckets: buckets,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }

    /// Describes a histogram by two enumerations.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, and `_total` where it counts.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - second: The name of the second label.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init<First, Second>(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        _ second: String,
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) where Labels == TwoLabels<First, Second> {
        self.init(
            declaration: FamilyDeclaration(
                name,
                Metric._kind,
                help: help,
                unit: unit,
                (first, second, "", ""),
                buckets: buckets,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}
