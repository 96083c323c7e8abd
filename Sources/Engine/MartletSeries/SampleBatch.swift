public import MartletCore

/// Samples as columns, on their way into the store without a text or an allocation a sample.
///
/// Series by series: ``beginSeries(labels:)`` names a stretch of a buffer of label bytes (see ``LabelBytes``), then
/// ``add(timestamp:value:)`` adds its samples. The buffer itself, most often the body of a request, is passed beside
/// the batch to ``SampleColumnSink/append(_:labels:session:)``. A batch is meant to be kept and filled again:
/// ``removeAll()`` keeps its memory.
public struct SampleBatch: Sendable {
    /// One series of a batch.
    public struct Entry: Sendable {
        /// Where the series' label bytes begin in the buffer.
        public var labelsStart: UInt32

        /// How many label bytes there are.
        public var labelsCount: UInt32

        /// The place behind the series' last sample; its first one follows those of the series before.
        public var sampleEnd: UInt32

        @inlinable
        init(labelsStart: UInt32, labelsCount: UInt32, sampleEnd: UInt32) {
            (self.labelsStart, self.labelsCount, self.sampleEnd) = (labelsStart, labelsCount, sampleEnd)
        }
    }

    // Filled from other modules sample by sample, so that what fills them has to be inlined there.
    @usableFromInline var filledEntries: [Entry] = []
    @usableFromInline var filledTimestamps: [Int64] = []
    @usableFromInline var filledValues: [Double] = []

    /// The series, in the order in which they came; a series may come more than once.
    @inlinable public var entries: [Entry] { filledEntries }

    /// The time of each sample, in milliseconds since the epoch.
    @inlinable public var timestamps: [Int64] { filledTimestamps }

    /// The value of each sample; the sum where there is a histogram.
    @inlinable public var values: [Double] { filledValues }

    /// The native histograms by the places of their samples.
    public private(set) var histograms: [Int: NativeHistogram] = [:]

    /// Creates an empty batch.
    public init() {}

    /// How many samples there are.
    public var count: Int { timestamps.count }

    /// Begins the next series.
    ///
    /// - Parameter labels: Where its label bytes lie in the buffer.
    /// - Precondition: The range lies in `0..<4 GiB`.
    @inlinable
    @inline(__always)
    public mutating func beginSeries(labels: Range<Int>) {
        filledEntries.append(
            Entry(
                labelsStart: UInt32(labels.lowerBound),
                labelsCount: UInt32(labels.count),
                sampleEnd: UInt32(filledTimestamps.count)
            )
        )
    }

    /// Adds a sample to the series begun last.
    ///
    /// - Precondition: A series was begun.
    @inlinable
    @inline(__always)
    public mutating func add(timestamp: Int64, value: Double) {
        filledTimestamps.append(timestamp)
        filledValues.append(value)
        filledEntries[filledEntries.count - 1].sampleEnd += 1
    }

    /// Adds a native histogram to the series begun last.
    ///
    /// - Precondition: A series was begun.
    public mutating func add(timestamp: Int64, histogram: NativeHistogram) {
        histograms[timestamps.count] = histogram
        add(timestamp: timestamp, value: histogram.sum)
    }

    /// Forgets everything but keeps the memory.
    public mutating func removeAll() {
        filledEntries.removeAll(keepingCapacity: true)
        filledTimestamps.removeAll(keepingCapacity: true)
        filledValues.removeAll(keepingCapacity: true)
        histograms.removeAll()
    }

    /// The place of the first sample of a series.
    public func firstSample(of entry: Int) -> Int { entry == 0 ? 0 : Int(entries[entry - 1].sampleEnd) }

    /// The series that a sample belongs to, for telling about a refusal.
    ///
    /// - Complexity: O(log *n*) in the number of series.
    public func entry(ofSample sample: Int) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(entries[middle].sampleEnd) <= sample { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The labels of a series, for telling about a refusal.
    public func labels(of entry: Int, in buffer: Span<UInt8>) -> LabelSet? {
        let start = Int(entries[entry].labelsStart)
        let end = start + Int(entries[entry].labelsCount)
        guard end <= buffer.count else { return nil }
        return LabelBytes.decode(buffer.extracting(start..<end))
    }
}

/// Where samples are written as columns; the fast one of the storage engine's writing ports.
public protocol SampleColumnSink: Sendable {
    /// Takes a batch; when it returns, the accepted samples are as durable as the sink's setting promises.
    ///
    /// Samples are refused one by one, never the batch: the good ones stay. ``AppendResult/Rejection/index`` is the
    /// place of the sample in the batch's columns.
    ///
    /// - Parameters:
    ///   - batch: The series and their samples.
    ///   - labels: The buffer that the batch's label ranges refer to.
    ///   - session: What the sink remembers for this connection, target or caller; one call at a time may use it.
    /// - Returns: How many samples were taken, and which were refused and why.
    /// - Throws: ``SeriesError`` `storageUnavailable` when nothing was taken because the disk is full or failing.
    @discardableResult
    func append(
        _ batch: borrowing SampleBatch,
        labels: Span<UInt8>,
        session: inout WriteSession
    ) throws(SeriesError) -> AppendResult
}

/// What a sink remembers between the batches of one connection, target or caller.
///
/// Senders name their series in the same order each time, so that the series after a known one can be guessed and
/// checked by comparing bytes. A session is small and cheap; keep one a connection or target. It stays valid for as
/// long as the sink, whatever happens inside of that.
public struct WriteSession: Sendable {
    /// Who sends: the target's URL, the sender's address; named in logs when a limit is met.
    public let origin: String

    /// How many series this origin may have at a time; `nil` for the sink's own limit.
    public var seriesMax: Int?

    /// The sink's number for the origin, 0 before its first series.
    public var owner: UInt32 = 0

    /// The sink's place of the series that was written last.
    public var previous: UInt32 = .max

    /// Which numbering of places ``previous`` belongs to.
    public var generation: UInt64 = 0

    /// Creates the session of one sender.
    ///
    /// - Parameters:
    ///   - origin: Who sends, for limits and logs; senders with one origin share one limit.
    ///   - seriesMax: How many series the origin may have at a time; `nil` for the sink's own limit.
    public init(origin: String, seriesMax: Int? = nil) {
        self.origin = origin
        self.seriesMax = seriesMax
    }
}
