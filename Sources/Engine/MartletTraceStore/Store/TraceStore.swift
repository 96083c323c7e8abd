public import MartletCore
public import MartletEvents
package import MartletFiles
public import MartletLogging
import MartletOTLP
import Synchronization

/// A durable store of traces in one directory.
///
/// Spans come as OTLP requests, which go to the log as they are, and can be searched at once. A trace may lie in
/// several blocks when its spans came late; it is put together when it is asked for. Any number of threads may append
/// and read at once.
public final class TraceStore: Sendable {
    /// What became of a request.
    public struct Outcome: Hashable, Sendable {
        /// Spans taken.
        public var accepted = 0

        /// Spans refused.
        public var refused = 0

        /// Why the first of them was.
        public var firstRefusal: String?

        /// Attributes and texts that were cut or left out.
        public var truncated = 0

        /// Creates the outcome of a request without spans.
        public init() {}
    }

    /// What was counted since the start.
    public struct Counts: Hashable, Sendable {
        /// Spans taken.
        public var accepted = 0
        /// Spans refused.
        public var refused = 0
        /// Attributes and texts that were cut or left out.
        public var truncated = 0
    }

    struct Kind: EventKind {
        let format = "martlet traces 1"
        let limits: TraceLimits
        private let spare = SpareRows()

        init(limits: TraceLimits) { self.limits = limits }

        func makeActive() -> SpanTable { SpanTable(limits: limits, spare: spare) }
        func open(_ file: BlockFile) throws(EventError) -> SpanBlock { SpanBlock(file: file) }
    }

    let events: EventStore<Kind>
    let limits: TraceLimits
    let logger: Logger
    private let failures: (@Sendable ([FailedSpan]) -> Void)?
    private let counted = Mutex(Counts())
    private let meter = Mutex(SpanMeter())

    /// Opens a store, making the directory where it is missing, and reads the log.
    ///
    /// - Parameters:
    ///   - configuration: Where and how.
    ///   - limits: How large spans may be.
    ///   - clock: Tells the time.
    ///   - logger: Is told of damage and failures.
    ///   - failures: Is told of spans with the status of an error as they come, on the thread that brings them.
    /// - Throws: `EventError` when the directory cannot be used or another process has it.
    public convenience init(
        _ configuration: EventConfiguration,
        limits: TraceLimits = TraceLimits(),
        clock: any WallClock = SystemWallClock(),
        logger: Logger = .silent,
        failures: (@Sendable ([FailedSpan]) -> Void)? = nil
    ) throws(EventError) {
        try self.init(
            configuration,
            limits: limits,
            clock: clock,
            logger: logger,
            fileSystem: POSIXFileSystem(),
            failures: failures
        )
    }

    package init(
        _ configuration: EventConfiguration,
        limits: TraceLimits = TraceLimits(),
        clock: any WallClock,
        logger: Logger = .silent,
        fileSystem: any FileSystem,
        failures: (@Sendable ([FailedSpan]) -> Void)? = nil
    ) throws(EventError) {
        self.limits = limits
        self.failures = failures
        self.logger = logger
        events = try EventStore(
            configuration,
            kind: Kind(limits: limits),
            clock: clock,
            logger: logger,
            fileSystem: fileSystem
        )
    }

    /// Takes the spans of an OTLP request; when this returns they survive the process.
    ///
    /// - Parameter request: `ExportTraceServiceRequest` as protobuf.
    /// - Returns: How many spans were taken; those with bad ids and those of traces that are full are not.
    /// - Throws: `OTLPError` where the bytes make no request, `EventError` `unavailable` while the disk is full or
    ///   failing.
    public func append(_ request: [UInt8]) throws -> Outcome {
        let parsed = try ParsedSpans(request, limits: limits)
        var outcome = Outcome()
        outcome.refused = parsed.refused
        outcome.firstRefusal = parsed.firstRefusal
        outcome.truncated = parsed.truncated
        if !parsed.rows.isEmpty {
            let full = try events.append(request.span) { (table: inout SpanTable) -> Int? in table.append(parsed) } ?? 0
            if full > 0, outcome.firstRefusal == nil {
                outcome.firstRefusal = "a trace has \(limits.spansPerTrace) spans already"
            }
            outcome.refused += full
            outcome.accepted = parsed.rows.count - full
            meter.withLock { $0.add(parsed) }
            if let failures {
                let failed = parsed.failed
                if !failed.isEmpty { failures(failed) }
            }
        }
        counted.withLock { counts in
            counts.accepted += outcome.accepted
            counts.refused += outcome.refused
            counts.truncated += outcome.truncated
        }
        return outcome
    }

    /// How often each operation ran since the start, how it ended and how long it took.
    public var measurements: [SpanMeasurement] { meter.withLock { $0.measurements } }

    /// The calls between services since the start, and how many sides of calls never met the other.
    public var calls: (measured: [CallMeasurement], forgotten: Int) {
        meter.withLock { ($0.calls, $0.forgotten) }
    }

    /// What was counted since the start.
    public var counts: Counts { counted.withLock { $0 } }

    /// The store's numbers.
    public var statistics: EventStatistics { events.statistics }

    /// Seals what is due and drops what is too old or too much; for a loop, every few seconds.
    public func maintain() { events.maintain() }

    /// Seals everything in memory.
    ///
    /// - Throws: `EventError` `unavailable` when a block cannot be written.
    public func sealAll() throws(EventError) { try events.sealAll() }

    /// Makes everything durable and gives the directory back.
    ///
    /// - Throws: `EventError` `unavailable` when the last writes could not be made durable.
    public func close() throws(EventError) { try events.close() }

    /// Gives the directory back as a killed process would.
    package func abandon() { events.abandon() }
}

extension TraceStore {
    /// Whether a directory has a trace store.
    public static func isThere(_ directory: String) -> Bool {
        let names = try? POSIXFileSystem().list(directory)
        return names?.contains("format") == true
    }
}
