import MartletCore
import MartletOTLP
import MartletSeries

/// Makes series of the metrics of one request.
///
/// - SeeAlso: [OpenTelemetry, Prometheus compatibility](https://github.com/open-telemetry/opentelemetry-specification/blob/v1.48.0/specification/compatibility/prometheus_and_openmetrics.md)
struct OTLPTranslator {
    /// Gives the newest sum of a series of deltas, which the store may know: the label bytes, the time of the delta.
    typealias Accumulate = (
        _ labels: ArraySlice<UInt8>,
        _ nanoseconds: UInt64,
        _ value: Double,
        _ histogram: NativeHistogram?
    ) throws(SeriesError) -> DeltaSums.Outcome

    /// What one point is part of.
    private struct Context {
        var name: String
        var labels: [Label]
        var temporality: Metric.Temporality
        var point: Int
        var time: UInt64
        var start: UInt64
        var milliseconds: Int64 { Int64(clamping: time / 1_000_000) }
    }

    /// The series so far.
    private(set) var output = OTLPBatch()

    /// The points refused so far, and the first reason.
    private(set) var refusals = Refusals()

    /// How many points there were.
    private(set) var pointCount = 0

    /// How many deltas were turned into sums.
    private(set) var deltaCount = 0

    private let settings: OTLPSettings
    private let naming: MetricNaming
    private let attributes: AttributeLabels
    private let accumulate: Accumulate

    init(_ settings: OTLPSettings, accumulate: @escaping Accumulate) {
        self.settings = settings
        self.accumulate = accumulate
        naming = MetricNaming(strategy: settings.strategy)
        attributes = AttributeLabels(escapes: settings.strategy.escapes)
    }

    /// Adds all metrics of a request.
    ///
    /// - Throws: ``SeriesError`` where the store had to be asked for a sum and did not answer.
    mutating func add(_ request: MetricsRequest) throws(SeriesError) {
        for resource in request.resourceMetrics { try add(resource) }
    }

    private mutating func add(_ metrics: ResourceMetrics) throws(SeriesError) {
        let resource = ResourceLabels(metrics.resource, settings, attributes)
        var times: ClosedRange<Int64>?
        for scope in metrics.scopeMetrics {
            let scopeLabels = settings.promotesScope ? labels(of: scope) : []
            for metric in scope.metrics {
                try add(metric, base: resource.promoted, resource.identity + scopeLabels, &times)
            }
        }
        if let times { addTargetInfo(resource, times) }
    }

    /// What says which library made a series.
    private func labels(of scope: ScopeMetrics) -> [Label] {
        var labels: [Label] = []
        if !scope.scope.name.isEmpty { labels.append(Label("otel_scope_name", scope.scope.name)) }
        if !scope.scope.version.isEmpty { labels.append(Label("otel_scope_version", scope.scope.version)) }
        if !scope.schemaURL.isEmpty { labels.append(Label("otel_scope_schema_url", scope.schemaURL)) }
        let named = scope.scope.attributes.map { Attribute("otel_scope_" + $0.key, $0.value) }
        return labels + attributes.labels(of: named).filter { label in !labels.contains { $0.name == label.name } }
    }

    private mutating func addTargetInfo(_ resource: ResourceLabels, _ times: ClosedRange<Int64>) {
        guard !resource.info.isEmpty, !resource.identity.isEmpty else { return }
        let labels = resource.info.setting(resource.identity)
        output.begin("target_info", labels)
        output.metadata["target_info"] = MetricMetadata(type: .info, help: "What the resource tells of itself.")
        // A request that spans a day still needs no more than one sample every few minutes.
        let interval = max(settings.targetInfoInterval, (times.upperBound - times.lowerBound) / 1000)
        for time in stride(from: times.lowerBound, to: times.upperBound, by: Int(interval)) {
            output.add(timestamp: time, value: 1, point: -1)
        }
        output.add(timestamp: times.upperBound, value: 1, point: -1)
    }

    // MARK: Metrics

    private mutating func add(
        _ metric: Metric,
        base: [Label],
        _ fixed: [Label],
        _ times: inout ClosedRange<Int64>?
    ) throws(SeriesError) {
        let kind: MetricNaming.Kind
        let type: MetricType
        switch metric.points {
        case .gauge: (kind, type) = (.gauge, .gauge)
        case .sum(_, _, let isMonotonic): (kind, type) = isMonotonic ? (.counter, .counter) : (.other, .gauge)
        case .histogram, .exponentialHistogram: (kind, type) = (.other, .histogram)
        case .summary: (kind, type) = (.other, .summary)
        case .none: return
        }
        let name = naming.name(of: metric.name, unit: metric.unit, kind: kind)
        guard !name.isEmpty else { return refuseAll(metric, "a metric has no name") }
        output.metadata[name] = MetricMetadata(
            type: type,
            help: metric.description,
            unit: MetricNaming.unitText(metric.unit)
        )
        func context(
            _ attributeList: [Attribute],
            _ start: UInt64,
            _ time: UInt64,
            _ temporality: Metric.Temporality = .cumulative
        ) -> Context {
            let milliseconds = Int64(clamping: time / 1_000_000)
            times =
                times.map { min($0.lowerBound, milliseconds)...max($0.upperBound, milliseconds) }
                ?? milliseconds...milliseconds
            pointCount += 1
            let labels = attributes.labels(of: attributeList).adding(base).setting(fixed)
            return Context(
                name: name,
                labels: labels,
                temporality: temporality,
                point: pointCount - 1,
                time: time,
                start: start
            )
        }
        if let temporality = metric.temporality, temporality == .unspecified {
            return refuseAll(metric, "\(metric.name): the aggregation temporality is neither delta nor cumulative")
        }
        switch metric.points {
        case .gauge(let points):
            for point in points { try add(point, context(point.attributes, point.start, point.time), isSum: false) }
        case .sum(let points, let temporality, _):
            for point in points {
                try add(point, context(point.attributes, point.start, point.time, temporality), isSum: true)
            }
        case .histogram(let points, let temporality):
            for point in points { try add(point, context(point.attributes, point.start, point.time, temporality)) }
        case .exponentialHistogram(let points, let temporality):
            for point in points { try add(point, context(point.attributes, point.start, point.time, temporality)) }
        case .summary(let points):
            for point in points { try add(point, context(point.attributes, point.start, point.time)) }
        case .none: break
        }
    }

    private mutating func refuseAll(_ metric: Metric, _ reason: String) {
        pointCount += metric.pointCount
        refusals.add(reason, count: max(1, metric.pointCount))
    }

    // MARK: Points

    private mutating func add(_ point: NumberPoint, _ context: Context, isSum: Bool) throws(SeriesError) {
        let value: Double
        switch point.value {
        case _ where point.hasNoRecordedValue: value = StaleMarker.value
        case .double(let number): value = number
        case .int(let number): value = Double(number)
        case .none:
            refusals.add("\(context.name): a point has no value")
            return
        }
        if try write(value, context, name: context.name, counts: isSum) {
            output.add(point.exemplars.compactMap(exemplar))
        }
    }

    private mutating func add(_ point: HistogramPoint, _ context: Context) throws(SeriesError) {
        let bounds =
            point.explicitBounds.last == .infinity ? Array(point.explicitBounds.dropLast()) : point.explicitBounds
        if !point.hasNoRecordedValue {
            guard point.bucketCounts.isEmpty || point.bucketCounts.count == point.explicitBounds.count + 1 else {
                let sizes = "\(point.bucketCounts.count) bucket counts for \(point.explicitBounds.count) bounds"
                refusals.add("\(context.name): a histogram has \(sizes)")
                return
            }
            guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), !bounds.contains(where: \.isNaN) else {
                refusals.add("\(context.name): the bounds of a histogram do not ascend")
                return
            }
        }
        if settings.convertsHistograms, !point.hasNoRecordedValue {
            if try write(NativeHistogram(custom: point), context) { output.add(point.exemplars.compactMap(exemplar)) }
            return
        }
        let isStale = point.hasNoRecordedValue
        var cumulative: UInt64 = 0
        var lower = -Double.infinity
        if !point.bucketCounts.isEmpty {
            for (bound, count) in zip(bounds, point.bucketCounts) {
                cumulative &+= count
                let isWritten = try write(
                    isStale ? StaleMarker.value : Double(cumulative),
                    context,
                    name: context.name + "_bucket",
                    extra: Label("le", FloatText.shortest(bound)),
                    counts: true
                )
                if isWritten { output.add(exemplars(point.exemplars, above: lower, upTo: bound)) }
                lower = bound
            }
        }
        // A histogram without buckets still counts what is at most infinite.
        let isWritten = try write(
            isStale ? StaleMarker.value : Double(point.count),
            context,
            name: context.name + "_bucket",
            extra: Label("le", "+Inf"),
            counts: true
        )
        if isWritten { output.add(exemplars(point.exemplars, above: lower, upTo: .infinity)) }
        try writeTotals(context, count: point.count, sum: point.sum, isStale: isStale, counts: true)
    }

    private mutating func add(_ point: ExponentialHistogramPoint, _ context: Context) throws(SeriesError) {
        if point.hasNoRecordedValue {
            let marker = NativeHistogram(schema: 0, count: StaleMarker.value, sum: StaleMarker.value)
            output.begin(context.name, context.labels)
            output.add(timestamp: context.milliseconds, histogram: marker, point: context.point)
            return
        }
        guard let histogram = NativeHistogram(point) else {
            refusals.add("\(context.name): the scale \(point.scale) of a histogram is below -4")
            return
        }
        if try write(histogram, context) { output.add(point.exemplars.compactMap(exemplar)) }
    }

    private mutating func add(_ point: SummaryPoint, _ context: Context) throws(SeriesError) {
        let isStale = point.hasNoRecordedValue
        for quantile in point.quantiles {
            try write(
                isStale ? StaleMarker.value : quantile.value,
                context,
                name: context.name,
                extra: Label("quantile", FloatText.shortest(quantile.quantile))
            )
        }
        try writeTotals(context, count: point.count, sum: point.sum, isStale: isStale, counts: false)
    }

    private mutating func writeTotals(
        _ context: Context,
        count: UInt64,
        sum: Double?,
        isStale: Bool,
        counts: Bool
    ) throws(SeriesError) {
        let count = isStale ? StaleMarker.value : Double(count)
        try write(count, context, name: context.name + "_count", counts: counts)
        if let sum {
            try write(isStale ? StaleMarker.value : sum, context, name: context.name + "_sum", counts: counts)
        }
    }

    // MARK: Samples

    /// Writes a number, of a delta series the sum so far; says whether there is a sample now.
    @discardableResult
    private mutating func write(
        _ value: Double,
        _ context: Context,
        name: String,
        extra: Label? = nil,
        counts: Bool = false
    ) throws(SeriesError) -> Bool {
        let range = output.begin(name, context.labels, extra: extra)
        guard counts, context.temporality == .delta, !StaleMarker.isStale(value) else {
            if counts { addZero(context, nil) }
            output.add(timestamp: context.milliseconds, value: value, point: context.point)
            return true
        }
        deltaCount += 1
        switch try accumulate(output.labels[range], context.time, value, nil) {
        case .sum(let sum, let isNew):
            if isNew { addZero(context, nil) }
            output.add(timestamp: sum.milliseconds, value: sum.value, point: context.point)
            return true
        case .repeated: return false
        case .outOfOrder:
            refuseOutOfOrder(context)
            return false
        }
    }

    /// Writes a native histogram, of a delta series the sum so far; says whether there is a sample now.
    private mutating func write(_ histogram: NativeHistogram, _ context: Context) throws(SeriesError) -> Bool {
        let range = output.begin(context.name, context.labels)
        guard context.temporality == .delta else {
            addZero(context, histogram)
            output.add(timestamp: context.milliseconds, histogram: histogram, point: context.point)
            return true
        }
        deltaCount += 1
        switch try accumulate(output.labels[range], context.time, histogram.sum, histogram) {
        case .sum(let sum, let isNew):
            if isNew { addZero(context, histogram) }
            let written = sum.histogram ?? histogram
            output.add(timestamp: sum.milliseconds, histogram: written, point: context.point)
            return true
        case .repeated: return false
        case .outOfOrder:
            refuseOutOfOrder(context)
            return false
        }
    }

    private mutating func refuseOutOfOrder(_ context: Context) {
        refusals.add("\(context.name) at \(context.milliseconds): out of order delta")
    }

    /// A series counted from zero when it began, so that its first value is an increase.
    private mutating func addZero(_ context: Context, _ histogram: NativeHistogram?) {
        guard settings.ingestsCreatedTimestamps, context.start > 0 else { return }
        let created = Int64(clamping: context.start / 1_000_000)
        guard created < context.milliseconds else { return }
        guard let histogram else { return output.add(timestamp: created, value: 0, point: -1) }
        let empty = NativeHistogram(
            schema: histogram.schema,
            zeroThreshold: histogram.zeroThreshold,
            count: 0,
            sum: 0,
            customBounds: histogram.customBounds
        )
        output.add(timestamp: created, histogram: empty, point: -1)
    }

    private func exemplars(_ list: [MetricExemplar], above lower: Double, upTo upper: Double) -> [ExemplarSample] {
        list.compactMap(exemplar).filter { $0.value > lower && $0.value <= upper }
    }

    private func exemplar(_ exemplar: MetricExemplar) -> ExemplarSample? {
        let value: Double
        switch exemplar.value {
        case .double(let number): value = number
        case .int(let number): value = Double(number)
        case .none: return nil
        }
        var labels = attributes.labels(of: exemplar.attributes)
        if !exemplar.traceID.isEmpty { labels.append(Label("trace_id", Self.hexadecimal(exemplar.traceID))) }
        if !exemplar.spanID.isEmpty { labels.append(Label("span_id", Self.hexadecimal(exemplar.spanID))) }
        return ExemplarSample(
            labels: LabelSet(labels),
            value: value,
            timestamp: Int64(clamping: exemplar.time / 1_000_000)
        )
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Metric {
    /// How many points the metric has.
    fileprivate var pointCount: Int {
        switch points {
        case .gauge(let points), .sum(let points, _, _): points.count
        case .histogram(let points, _): points.count
        case .exponentialHistogram(let points, _): points.count
        case .summary(let points): points.count
        case .none: 0
        }
    }

    /// Since when the points count; `nil` for kinds that do not say.
    fileprivate var temporality: Temporality? {
        switch points {
        case .sum(_, let temporality, _), .histogram(_, let temporality), .exponentialHistogram(_, let temporality):
            temporality
        case .gauge, .summary, .none: nil
        }
    }
}
