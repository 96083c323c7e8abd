import MartletCore

extension Gauge: LabeledMetric {
    /// A gauge with labels.
    public typealias Family = LabeledFamily<Gauge>

    /// The gauge of a family whose cell was found; only the library calls it.
    @inlinable @inline(__always)
    public init(_cell cell: UInt32, of family: LabeledFamily<Gauge>) {
        self.init(cell: cell, control: family.instrument.control)
    }
}

extension LabeledFamily<Gauge> {
    /// Declares a gauge with labels, or finds the one declared alike before.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `queue_bytes`.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit, such as `bytes`; empty for plain numbers.
    ///   - labels: The label names, in the order in which values are given.
    ///   - registry: Where it is shown.
    /// - SeeAlso: ``Gauge/init(_:help:unit:registry:)`` for what a contradiction does.
    public init(
        _ name: String,
        help: String,
        unit: String = "",
        labels: String...,
        registry: MetricRegistry = .default
    ) {
        let descriptor = MetricDescriptor(name: name, type: .gauge, help: help, unit: unit, labelNames: labels)
        self.init(registry.instrument(descriptor))
    }
}
