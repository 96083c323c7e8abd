public import MartletCore

// Calls that name their metric instead of holding it: for metrics whose names are only known at run time. Each call looks
// its metric up under the registry's lock; a handle costs a hundredth of it.

/// What a custom metric is: the word that ``MetricRegistry/recordCustomMetric(_:_:_:labels:)`` takes.
public enum CustomMetricType: String, CaseIterable, Hashable, Sendable {
    /// Values are added up.
    case counter
    /// The latest value stands.
    case gauge
    /// Values are counted by size.
    case histogram
}

extension MetricRegistry {
    /// Declares a metric by words, so that calls by name find its description and unit.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - type: The kind: a counter, gauge, histogram, timer or summary.
    ///   - description: What it means, one sentence.
    ///   - unit: The unit.
    ///   - labels: The label names.
    ///   - seriesLimit: The highest number of series; `nil` for the registry's.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    /// - Throws: ``MetricRegistryError`` where it is not allowed or the name is declared otherwise; what is declared stays.
    public func createMetric(
        _ name: String,
        _ type: MetricKind,
        description: String = "",
        unit: MetricUnit = .none,
        labels: [String] = [],
        seriesLimit: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(MetricRegistryError) {
        guard [.counter, .gauge, .histogram, .timer, .summary].contains(type) else {
            throw .invalidSetting(metric: name, reason: "a metric by name can't be \(type.rawValue)")
        }
        let descriptor = MetricDescriptor(
            name: type == .timer ? Timer.exportedName(name) : name,
            kind: type,
            help: description,
            unit: type == .timer ? "seconds" : unit.rawValue,
            labelNames: labels.sorted(),
            buckets: type == .timer ? .latency : .standard,
            seriesLimit: seriesLimit,
            site: DeclarationSite(file: "\(file)", line: line)
        )
        _ = try find(descriptor, makeObject: MetricRegistry.maker(type))
    }

    /// Counts; creates the counter at the first call.
    ///
    /// - Parameters:
    ///   - name: The counter's name.
    ///   - amount: How much, 0 or more.
    ///   - labels: The labels, always of the same names.
    ///   - file: Where it is called.
    ///   - line: Where it is called.
    /// - Returns: Whether it was counted; where not, ``problems`` or `martlet_metric_calls_refused_total` says so.
    @discardableResult
    public func increment(
        _ name: String,
        by amount: Double = 1,
        labels: LabelSet = .empty,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> Bool {
        guard let (found, cell) = named(name, .counter, labels, file, line) else { return false }
        let series = Counter.Series(cell: cell, control: found.control)
        if let whole = Int(exactly: amount) { series.increment(by: whole) } else { series.increment(by: amount) }
        return amount >= 0 && amount < .infinity
    }

    /// Sets a gauge; creates it at the first call.
    ///
    /// - Parameters:
    ///   - name: The gauge's name.
    ///   - value: The value.
    ///   - labels: The labels, always of the same names.
    ///   - file: Where it is called.
    ///   - line: Where it is called.
    /// - Returns: Whether it was set; where not, ``problems`` says why.
    @discardableResult
    public func setGauge(
        _ name: String,
        to value: Double,
        labels: LabelSet = .empty,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> Bool {
        guard let (found, cell) = named(name, .gauge, labels, file, line) else { return false }
        Gauge.Series(cell: cell, control: found.control).set(to: value)
        return true
    }

    /// Observes a value in a histogram or summary; creates a histogram at the first call.
    ///
    /// - Parameters:
    ///   - name: The histogram's or summary's name.
    ///   - value: The value.
    ///   - labels: The labels, always of the same names.
    ///   - file: Where it is called.
    ///   - line: Where it is called.
    /// - Returns: Whether it was observed; where not, ``problems`` or `martlet_metric_calls_refused_total` says so.
    @discardableResult
    public func record(
        _ name: String,
        _ value: Double,
        labels: LabelSet = .empty,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> Bool {
        let isSummary = state.withLock { $0.instruments[name]?.descriptor.kind } == .summary
        guard let (found, cell) = named(name, isSummary ? .summary : .histogram, labels, file, line) else {
            return false
        }
        if isSummary {
            Summary.Series(found, cell: cell).observe(value)
        } else {
            unsafe Histogram.Series(bounds: found.bounds, cell: cell, control: found.control).observe(value)
        }
        return !value.isNaN
    }

    /// Notes how long something took; creates the timer at the first call.
    ///
    /// - Parameters:
    ///   - name: The timer's name, such as `workflow_execution_time`; it is shown with `_seconds`.
    ///   - milliseconds: The time.
    ///   - labels: The labels, always of the same names.
    ///   - file: Where it is called.
    ///   - line: Where it is called.
    /// - Returns: Whether it was noted; where not, ``problems`` or `martlet_metric_calls_refused_total` says so.
    @discardableResult
    public func recordTimer(
        _ name: String,
        milliseconds: Double,
        labels: LabelSet = .empty,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> Bool {
        guard let (found, cell) = named(name, .timer, labels, file, line) else { return false }
        unsafe Histogram.Series(bounds: found.bounds, cell: cell, control: found.control).observe(milliseconds / 1000)
        return !milliseconds.isNaN
    }

    /// Records a value as a type says: a counter adds, a gauge replaces, a histogram collects.
    @discardableResult
    public func recordCustomMetric(
        _ name: String,
        _ value: Double,
        _ type: CustomMetricType,
        labels: LabelSet = .empty
    ) -> Bool {
        switch type {
        case .counter: increment(name, by: value, labels: labels)
        case .gauge: setGauge(name, to: value, labels: labels)
        case .histogram: record(name, value, labels: labels)
        }
    }

    /// The counter of a name as a value to keep; created where it is new.
    ///
    /// One that can't be counts nothing; ``problems`` says why.
    public func counter(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> Counter.Series {
        guard let (found, cell) = named(name, .counter, .empty, file, line) else {
            return Counter.Series(cell: Instrument.inertCell, control: 0)
        }
        return Counter.Series(cell: cell, control: found.control)
    }

    /// The gauge of a name as a value to keep; created where it is new.
    ///
    /// One that can't be shows nothing; ``problems`` says why.
    public func gauge(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> Gauge.Series {
        guard let (found, cell) = named(name, .gauge, .empty, file, line) else {
            return Gauge.Series(cell: Instrument.inertCell, control: 0)
        }
        return Gauge.Series(cell: cell, control: found.control)
    }

    /// The histogram of a name as a value to keep; created where it is new.
    ///
    /// One that can't be counts nothing; ``problems`` says why.
    public func histogram(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> Histogram.Series {
        guard let (found, cell) = named(name, .histogram, .empty, file, line) else {
            return unsafe Histogram.Series(bounds: Instrument.inertBounds, cell: Instrument.inertCell, control: 0)
        }
        return unsafe Histogram.Series(bounds: found.bounds, cell: cell, control: found.control)
    }

    /// The family of one metric as it is now, collected ones included; `nil` where none has that name.
    public func metric(named name: String) -> MetricFamily? {
        self[name] ?? gather().first { $0.name == name }
    }

    // MARK: Finding

    private func named(
        _ name: String,
        _ kind: MetricKind,
        _ labels: LabelSet,
        _ file: StaticString,
        _ line: UInt
    ) -> (Instrument, UInt32)? {
        let shown = kind == .timer ? Timer.exportedName(name) : name
        do throws(MetricRegistryError) {
            let known = state.withLock { $0.instruments[shown] }
            let found = if let known { known } else { try created(shown, kind, labels, file, line) }
            let names = labels.map(\.name)
            guard found.descriptor.kind == kind, found.descriptor.labelNames.sorted() == names else {
                var requested = found.descriptor
                requested.kind = kind
                requested.labelNames = names
                requested.site = DeclarationSite(file: "\(file)", line: line)
                try found.descriptor.check(against: requested)
                return nil
            }
            if labels.isEmpty { return (found, found.onlyCell) }
            return (found, found.cell(for: found.descriptor.labelNames.map { labels[$0] ?? "" }))
        } catch {
            state.withLock { $0.refusedCount += 1 }
            note(error)
            return nil
        }
    }

    private func created(
        _ name: String,
        _ kind: MetricKind,
        _ labels: LabelSet,
        _ file: StaticString,
        _ line: UInt
    ) throws(MetricRegistryError) -> Instrument {
        let descriptor = MetricDescriptor(
            name: name,
            kind: kind,
            help: "",
            unit: kind == .timer ? "seconds" : "",
            labelNames: labels.map(\.name),
            buckets: kind == .timer ? .latency : .standard,
            site: DeclarationSite(file: "\(file)", line: line)
        )
        return try find(descriptor, makeObject: MetricRegistry.maker(kind))
    }

    private static func maker(_ kind: MetricKind) -> SeriesMaker? {
        guard kind == .summary else { return nil }
        return { SummaryWindow(.standard, $0) }
    }
}
