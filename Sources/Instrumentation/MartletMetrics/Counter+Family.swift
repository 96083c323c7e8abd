import MartletCore

extension Counter: LabeledMetric {
    /// A counter with labels.
    public typealias Family = LabeledFamily<Counter>

    /// The counter of a family whose cell was found; only the library calls it.
    @inlinable @inline(__always)
    public init(_cell cell: UInt32, of family: LabeledFamily<Counter>) {
        self.init(cell: cell, control: family.instrument.control)
    }
}

extension LabeledFamily<Counter> {
    /// Declares a counter with labels, or finds the one declared alike before.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`, such as `http_requests_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit, such as `bytes`; empty for plain numbers.
    ///   - labels: The label names, in the order in which values are given.
    ///   - registry: Where it is shown.
    /// - SeeAlso: ``Counter/init(_:help:unit:registry:)`` for what a contradiction does.
    public init(
        _ name: String,
        help: String,
        unit: String = "",
        labels: String...,
        registry: MetricRegistry = .default
    ) {
        let descriptor = MetricDescriptor(name: name, type: .counter, help: help, unit: unit, labelNames: labels)
        self.init(registry.instrument(descriptor))
    }
}
