import MartletCore
public import MartletOTLP
public import MartletSeries
import Synchronization

/// Takes metrics of OpenTelemetry and hands them to the store as series.
public final class OTLPMetricsReceiver: Sendable {
    /// What a receiver remembers and counts.
    public struct DeltaStatistics: Hashable, Sendable {
        /// How many series of deltas are remembered.
        public var series = 0

        /// How many times a series' sum was looked for in the store.
        public var loads = 0

        /// How many series were forgotten to make room.
        public var evictions = 0
    }

    private let sink: any IngestSink
    private let source: any SeriesSource
    private let settings: OTLPSettings
    private let sums: Mutex<DeltaSums>

    /// Creates a receiver.
    ///
    /// - Parameters:
    ///   - sink: Where series are written.
    ///   - source: Where they are read again, to go on with the sums of deltas.
    ///   - settings: How names are translated.
    public init(sink: any IngestSink, source: any SeriesSource, settings: OTLPSettings = OTLPSettings()) {
        self.sink = sink
        self.source = source
        self.settings = settings
        sums = Mutex(DeltaSums(countMax: settings.deltaSeriesMax))
    }

    /// What is remembered of deltas.
    public var deltaStatistics: DeltaStatistics {
        sums.withLock { DeltaStatistics(series: $0.count, loads: $0.loads, evictions: $0.evictions) }
    }

    /// Takes one request.
    ///
    /// Requests with deltas are taken one after the other, so that each finds what the one before it came to.
    ///
    /// - Parameters:
    ///   - request: The metrics.
    ///   - origin: Who sends, for limits.
    /// - Returns: What was taken and what was refused.
    /// - Throws: ``SeriesError`` while the store takes nothing; the request can be sent again.
    public func receive(_ request: MetricsRequest, origin: String) throws(SeriesError) -> OTLPOutcome {
        guard request.hasDeltas else {
            var translator = OTLPTranslator(settings) { _, _, _, _ throws(SeriesError) in .repeated }
            try translator.add(request)
            return try store(translator, origin)
        }
        return try sums.withLock { sums throws(SeriesError) in
            try receive(request, &sums, origin)
        }
    }

    private func receive(
        _ request: MetricsRequest,
        _ sums: inout DeltaSums,
        _ origin: String
    ) throws(SeriesError) -> OTLPOutcome {
        let session = DeltaSession(sums: sums, source: source, lookback: settings.deltaLookback)
        // One owner at a time: a second one would make the first change copy the table.
        sums = DeltaSums(countMax: 0)
        defer { sums = session.sums }
        do throws(SeriesError) {
            var translator = OTLPTranslator(settings) { labels, time, value, histogram throws(SeriesError) in
                try session.add(labels, time, value, histogram)
            }
            try translator.add(request)
            return try store(translator, origin)
        } catch {
            // Nothing was acknowledged: what these series came to is what the store says.
            session.forgetAll()
            throw error
        }
    }

    private func store(_ translator: OTLPTranslator, _ origin: String) throws(SeriesError) -> OTLPOutcome {
        var refusals = translator.refusals
        var outcome = OTLPOutcome()
        outcome.points = translator.pointCount
        outcome.deltas = translator.deltaCount
        let output = translator.output
        var session = WriteSession(origin: origin)
        let result = try sink.append(output.batch, labels: output.labels.span, session: &session)
        // A point makes many samples; it counts once. Zeros and target_info are the server's own affair.
        var refusedPoints: Set<Int32> = []
        var first: AppendResult.Rejection?
        for rejection in result.rejections where output.points[rejection.index] >= 0 {
            first = first ?? rejection
            refusedPoints.insert(output.points[rejection.index])
        }
        if let first {
            var single = AppendResult(appended: 0)
            single.rejections = [first]
            refusals.add(single, of: output.batch, labels: output.labels.span)
            refusals.add("", count: refusedPoints.count - 1)
        }
        if !output.metadata.isEmpty { sink.note(metadata: output.metadata) }
        if !output.exemplars.isEmpty { sink.append(exemplars: output.exemplars) }
        outcome.samples = result.appended
        outcome.exemplars = output.exemplars.reduce(0) { $0 + $1.exemplars.count }
        outcome.refused = refusals.count
        outcome.firstRefusal = refusals.first
        return outcome
    }
}

extension MetricsRequest {
    /// Whether anything in it counts since the last point.
    fileprivate var hasDeltas: Bool {
        resourceMetrics.contains { $0.scopeMetrics.contains { $0.metrics.contains(where: \.isDelta) } }
    }
}

extension Metric {
    fileprivate var isDelta: Bool {
        switch points {
        case .sum(_, .delta, _), .histogram(_, .delta), .exponentialHistogram(_, .delta): true
        default: false
        }
    }
}
