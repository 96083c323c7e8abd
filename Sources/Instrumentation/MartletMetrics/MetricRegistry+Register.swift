import MartletCore
import Synchronization

extension MetricRegistry {
    /// Declares a counter, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    /// - Returns: The counter; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where the name is not allowed or is declared otherwise; what is declared stays.
    public func register(counter name: String, help: String, unit: String = "") throws(MetricRegistryError) -> Counter {
        let found = try find(MetricDescriptor(name: name, type: .counter, help: help, unit: unit))
        return Counter(cell: found.onlyCell, control: found.control)
    }

    /// Declares a counter with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    ///   - labels: The label names, at least one.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where a name is not allowed or is declared otherwise; what is declared stays.
    public func register(
        counter name: String,
        help: String,
        unit: String = "",
        labels: [String]
    ) throws(MetricRegistryError) -> Counter.Family {
        try LabeledFamily(
            find(MetricDescriptor(name: name, type: .counter, help: help, unit: unit, labelNames: labels))
        )
    }

    /// Declares a gauge, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    /// - Returns: The gauge; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where the name is not allowed or is declared otherwise; what is declared stays.
    public func register(gauge name: String, help: String, unit: String = "") throws(MetricRegistryError) -> Gauge {
        let found = try find(MetricDescriptor(name: name, type: .gauge, help: help, unit: unit))
        return Gauge(cell: found.onlyCell, control: found.control)
    }

    /// Declares a gauge with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    ///   - labels: The label names, at least one.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where a name is not allowed or is declared otherwise; what is declared stays.
    public func register(
        gauge name: String,
        help: String,
        unit: String = "",
        labels: [String]
    ) throws(MetricRegistryError) -> Gauge.Family {
        try LabeledFamily(find(MetricDescriptor(name: name, type: .gauge, help: help, unit: unit, labelNames: labels)))
    }

    /// Declares a histogram, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    /// - Returns: The histogram; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where the name or the buckets are not allowed or are declared otherwise; what is
    ///   declared stays.
    public func register(
        histogram name: String,
        help: String,
        unit: String = "",
        buckets: HistogramBuckets = .standard
    ) throws(MetricRegistryError) -> Histogram {
        let found = try find(
            MetricDescriptor(name: name, type: .histogram, help: help, unit: unit, buckets: buckets)
        )
        return unsafe Histogram(bounds: found.bounds, cell: found.onlyCell, control: found.control)
    }

    /// Declares a histogram with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit; empty for plain numbers.
    ///   - labels: The label names, at least one.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where a name or the buckets are not allowed or are declared otherwise; what is
    ///   declared stays.
    public func register(
        histogram name: String,
        help: String,
        unit: String = "",
        labels: [String],
        buckets: HistogramBuckets = .standard
    ) throws(MetricRegistryError) -> Histogram.Family {
        let descriptor = MetricDescriptor(
            name: name,
            type: .histogram,
            help: help,
            unit: unit,
            labelNames: labels,
            buckets: buckets
        )
        return try LabeledFamily(find(descriptor))
    }

    /// The metric for a handle: an inert one, with the problem noted, where it can't be registered.
    func instrument(_ descriptor: MetricDescriptor) -> Instrument {
        do {
            return try find(descriptor)
        } catch {
            state.withLock { state in
                state.conflictCount += 1
                if state.problems.count < MetricRegistry.problemsMax { state.problems.append(error) }
            }
            return Instrument(inert: descriptor)
        }
    }

    private func find(_ descriptor: MetricDescriptor) throws(MetricRegistryError) -> Instrument {
        try state.withLock { state throws(MetricRegistryError) in
            if let existing = state.instruments[descriptor.name] {
                try existing.descriptor.check(against: descriptor)
                return existing
            }
            try descriptor.validate(constantLabels: constantLabels)
            let samples = descriptor.sampleNames
            for sample in samples {
                guard let owner = state.sampleOwners[sample] else { continue }
                throw .sampleNameTaken(metric: descriptor.name, sample: sample, owner: owner)
            }
            let fresh = try Instrument(
                descriptor,
                control: control,
                constantLabels: constantLabels,
                seriesLimit: seriesLimit
            )
            state.instruments[descriptor.name] = fresh
            for sample in samples { state.sampleOwners[sample] = descriptor.name }
            return fresh
        }
    }
}
