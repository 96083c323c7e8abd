public import MartletCore
public import MartletEvents
package import MartletFiles
public import MartletLogging
public import MartletOTLP
public import MartletSeries
import Synchronization

/// A durable store of log records in one directory.
///
/// Records come as OTLP requests, which go to the log as they are, and can be searched at once. Any number of threads
/// may append and read at once.
public final class LogStore: Sendable {
    /// What became of a request.
    public struct Outcome: Hashable, Sendable {
        /// Records taken.
        public var accepted = 0

        /// Attributes and texts that were cut or left out.
        public var truncated = 0

        /// Creates the outcome of a request without records.
        public init() {}
    }

    struct Kind: EventKind {
        let format: String
        let limits: LogLimits
        let codec: any BlockCodec
        var sealedVersion: UInt32 { 5 }

        func makeActive() -> LogTable { LogTable(limits: limits, codec: codec) }
        func makeActive(after active: LogTable) -> LogTable {
            var table = LogTable(limits: limits, codec: codec, base: active.base + UInt64(active.count))
            table.reserve(as: active)
            return table
        }
        func makeActive(after block: LogBlock) -> LogTable {
            LogTable(limits: limits, codec: codec, base: block.base + UInt64(block.count))
        }
        func open(_ file: BlockFile) throws(EventError) -> LogBlock { try LogBlock(file, codec: codec) }
        func writeCold(_ block: LogBlock, to writer: BlockWriter) throws(EventError) -> Bool {
            try block.writeCold(to: writer)
        }
        func merge(_ blocks: [LogBlock], to writer: BlockWriter) throws(EventError) -> Bool {
            guard let first = blocks.first else { return false }
            var table = LogTable(limits: limits, codec: codec, base: first.base)
            for block in blocks {
                guard block.base == table.base + UInt64(table.count) else { return false }
                guard try table.append(LogBlockReader(block)) else { return false }
            }
            table.write(to: writer, isCold: true)
            return true
        }
    }

    let events: EventStore<Kind>
    let limits: LogLimits
    let patterns: any PatternCompiler
    let logger: Logger
    private let clock: any WallClock
    private let counted = Mutex(Outcome())

    /// Opens a store, making the directory where it is missing, and reads the log.
    ///
    /// - Parameters:
    ///   - configuration: Where and how.
    ///   - format: What the directory's `format` file says; another one is refused.
    ///   - patterns: Compiles the regular expressions of searches.
    ///   - codec: Compresses what is seldom read.
    ///   - limits: How large records may be.
    ///   - clock: Tells the time of records that have none.
    ///   - logger: Is told of damage and failures.
    /// - Throws: `EventError` when the directory cannot be used or another process has it.
    public convenience init(
        _ configuration: EventConfiguration,
        format: String = "martlet logs 1",
        patterns: any PatternCompiler,
        codec: any BlockCodec = PlainCodec(),
        limits: LogLimits = LogLimits(),
        clock: any WallClock = SystemWallClock(),
        logger: Logger = .silent
    ) throws(EventError) {
        try self.init(
            configuration,
            format: format,
            patterns: patterns,
            codec: codec,
            limits: limits,
            clock: clock,
            logger: logger,
            fileSystem: POSIXFileSystem()
        )
    }

    package init(
        _ configuration: EventConfiguration,
        format: String = "martlet logs 1",
        patterns: any PatternCompiler,
        codec: any BlockCodec = PlainCodec(),
        limits: LogLimits = LogLimits(),
        clock: any WallClock,
        logger: Logger = .silent,
        fileSystem: any FileSystem
    ) throws(EventError) {
        self.limits = limits
        self.logger = logger
        self.patterns = patterns
        self.clock = clock
        events = try EventStore(
            configuration,
            kind: Kind(format: format, limits: limits, codec: codec),
            clock: clock,
            logger: logger,
            fileSystem: fileSystem
        )
    }

    /// Takes the records of an OTLP request; when this returns they survive the process.
    ///
    /// - Parameter wire: `ExportLogsServiceRequest` as protobuf, uncompressed; it goes to the log as it is.
    /// - Returns: How many records there were.
    /// - Throws: `OTLPError` where the bytes make no request, `EventError` `unavailable` while the disk is full or
    ///   failing.
    public func append(wire: [UInt8]) throws -> Outcome {
        var problem: OTLPError?
        var lacksTime = false
        let taken = try events.append(wire.span) { (table: inout LogTable) -> Outcome? in
            do throws(OTLPError) {
                let (records, truncated) = try table.append(wire)
                guard records > 0 else { return nil }
                if table.lacksTime {
                    table.removeLast(records)
                    lacksTime = true
                    return nil
                }
                var outcome = Outcome()
                (outcome.accepted, outcome.truncated) = (records, truncated)
                return outcome
            } catch {
                problem = error
                return nil
            }
        }
        if let problem { throw problem }
        if lacksTime {
            // What nobody gave a time happened now; the log must say so, or it would be another time after a restart.
            return try append(try LogsRequest(decoding: wire, limits: limits.request))
        }
        counted.withLock { counts in
            counts.accepted += taken?.accepted ?? 0
            counts.truncated += taken?.truncated ?? 0
        }
        return taken ?? Outcome()
    }

    /// Takes records; when this returns they survive the process.
    ///
    /// - Parameter request: The records; those without any time get the present one.
    /// - Returns: How many records there were.
    /// - Throws: `EventError` `unavailable` while the disk is full or failing.
    public func append(_ request: LogsRequest) throws(EventError) -> Outcome {
        var request = request
        let now = UInt64(max(1, clock.millisecondsSinceEpoch)) &* 1_000_000
        for resource in request.resourceLogs.indices {
            for scope in request.resourceLogs[resource].scopeLogs.indices {
                for entry in request.resourceLogs[resource].scopeLogs[scope].entries.indices
                where request.resourceLogs[resource].scopeLogs[scope].entries[entry].lacksTime {
                    request.resourceLogs[resource].scopeLogs[scope].entries[entry].observedTime = now
                }
            }
        }
        do {
            return try append(wire: request.encoded())
        } catch let error as EventError {
            throw error
        } catch {
            throw .unavailable("the records are over a limit: \(error); send fewer at once")
        }
    }

    /// What was counted since the start.
    public var counts: Outcome { counted.withLock { $0 } }

    /// The number that the next record to arrive will have.
    public var nextSequence: UInt64 { events.look { $0.base + UInt64($0.count) } }

    /// The store's numbers.
    public var statistics: EventStatistics { events.statistics }

    /// Seals what is due and drops what is too old or too much; for a loop, every few seconds.
    public func maintain() { events.maintain() }

    /// Seals everything in memory.
    ///
    /// - Throws: `EventError` `unavailable` when a block cannot be written.
    public func sealAll() throws(EventError) { try events.sealAll() }

    /// Writes all sealed blocks in their smaller form, whatever their age; it happens by itself to blocks that are old.
    ///
    /// - Throws: `EventError` where a block is damaged or cannot be written.
    public func compactAll() throws(EventError) { try events.compactAll() }

    /// Makes everything durable and gives the directory back.
    ///
    /// - Throws: `EventError` `unavailable` when the last writes could not be made durable.
    public func close() throws(EventError) { try events.close() }

    /// Gives the directory back as a killed process would.
    package func abandon() { events.abandon() }

    /// Whether a directory has a store.
    public static func isThere(_ directory: String) -> Bool {
        let names = try? POSIXFileSystem().list(directory)
        return names?.contains("format") == true
    }
}

extension LogEntry {
    fileprivate var lacksTime: Bool { time == 0 && observedTime == 0 }
}
