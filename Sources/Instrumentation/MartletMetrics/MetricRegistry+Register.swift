import MartletCore

extension MetricRegistry {
    /// Declares a counter, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The counter; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        counter name: String,
        help: String,
        unit: MetricUnit = .none,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Counter {
        Counter(try find(name, .counter, help, unit, at: DeclarationSite(file: "\(file)", line: line)))
    }

    /// Declares a counter with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit.
    ///   - labels: The label names, at least one.
    ///   - seriesLimit: The highest number of series; `nil` for the registry's.
    ///   - expiry: How long a series stays that does not change; `nil` for ever.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        counter name: String,
        help: String,
        unit: MetricUnit = .none,
        labels: [String],
        seriesLimit: Int? = nil,
        expiry: Duration? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Counter.Family {
        try LabeledFamily(
            find(
                name,
                .counter,
                help,
                unit,
                labels: labels,
                seriesLimit: seriesLimit,
                expiry: expiry,
                at: DeclarationSite(file: "\(file)", line: line)
            )
        )
    }

    /// Declares a gauge, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The gauge; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        gauge name: String,
        help: String,
        unit: MetricUnit = .none,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Gauge {
        Gauge(try find(name, .gauge, help, unit, at: DeclarationSite(file: "\(file)", line: line)))
    }

    /// Declares a gauge with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit.
    ///   - labels: The label names, at least one.
    ///   - seriesLimit: The highest number of series; `nil` for the registry's.
    ///   - expiry: How long a series stays that does not change; `nil` for ever.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        gauge name: String,
        help: String,
        unit: MetricUnit = .none,
        labels: [String],
        seriesLimit: Int? = nil,
        expiry: Duration? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Gauge.Family {
        try LabeledFamily(
            find(
                name,
                .gauge,
                help,
                unit,
                labels: labels,
                seriesLimit: seriesLimit,
                expiry: expiry,
                at: DeclarationSite(file: "\(file)", line: line)
            )
        )
    }

    /// Declares a histogram, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The histogram; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        histogram name: String,
        help: String,
        unit: MetricUnit = .none,
        buckets: HistogramBuckets = .standard,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Histogram {
        let site = DeclarationSite(file: "\(file)", line: line)
        return Histogram(try find(name, .histogram, help, unit, buckets: buckets, at: site))
    }

    /// Declares a histogram with labels, or says why it can't be.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit.
    ///   - labels: The label names, at least one.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - seriesLimit: The highest number of series; `nil` for the registry's.
    ///   - expiry: How long a series stays that does not change; `nil` for ever.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Returns: The family; the same for the same declaration.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func register(
        histogram name: String,
        help: String,
        unit: MetricUnit = .none,
        labels: [String],
        buckets: HistogramBuckets = .standard,
        seriesLimit: Int? = nil,
        expiry: Duration? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) -> Histogram.Family {
        try LabeledFamily(
            find(
                name,
                .histogram,
                help,
                unit,
                labels: labels,
                buckets: buckets,
                seriesLimit: seriesLimit,
                expiry: expiry,
                at: DeclarationSite(file: "\(file)", line: line)
            )
        )
    }

    private func find(
        _ name: String,
        _ kind: MetricKind,
        _ help: String,
        _ unit: MetricUnit,
        labels: [String] = [],
        buckets: HistogramBuckets = [],
        seriesLimit: Int? = nil,
        expiry: Duration? = nil,
        at site: DeclarationSite
    ) throws(MetricRegistryError) -> Instrument {
        try find(
            MetricDescriptor(
                name: name,
                kind: kind,
                help: help,
                unit: unit.rawValue,
                labelNames: labels,
                buckets: buckets,
                seriesLimit: seriesLimit,
                expiry: expiry,
                site: site
            )
        )
    }
}
