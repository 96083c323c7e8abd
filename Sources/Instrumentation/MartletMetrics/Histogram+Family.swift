import MartletCore

extension Histogram: LabeledMetric {
    /// A histogram with labels.
    public typealias Family = LabeledFamily<Histogram>

    /// The histogram of a family whose cells were found; only the library calls it.
    @inlinable @inline(__always)
    public init(_cell cell: UInt32, of family: LabeledFamily<Histogram>) {
        unsafe self.init(bounds: family.instrument.bounds, cell: cell, control: family.instrument.control)
    }
}

extension LabeledFamily<Histogram> {
    /// Declares a histogram with labels, or finds the one declared alike before.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_request_duration_seconds`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `seconds`; empty for plain numbers.
    ///   - labels: The label names, in the order in which values are given.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown.
    /// - SeeAlso: ``Histogram/init(_:help:unit:buckets:registry:)`` for what a contradiction does.
    public init(
        _ name: String,
        help: String,
        unit: String = "",
        labels: String...,
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry = .default
    ) {
        let descriptor = MetricDescriptor(
            name: name,
            type: .histogram,
            help: help,
            unit: unit,
            labelNames: labels,
            buckets: buckets
        )
        self.init(registry.instrument(descriptor))
    }
}
