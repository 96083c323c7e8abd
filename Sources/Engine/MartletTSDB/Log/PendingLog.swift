import MartletCore
import MartletFiles
import MartletSeries

/// Records on their way to the log: what the head took and the writer has not written yet.
struct PendingLog: Sendable {
    /// How many bytes room is made for at most before they come.
    private static let portionSize = 4 << 20

    /// The number of the newest batch in here; whoever waits for it waits for everything before.
    private(set) var ticket: UInt64 = 0

    /// The log file that what comes now goes to.
    var sequence: UInt64 = 0

    private var records = ByteWriter()
    private var registrations = LogRecordBuilder(type: .series)
    private var samples = LogRecordBuilder(type: .samples)
    private var histograms = LogRecordBuilder(type: .histograms)
    private var exemplars = LogRecordBuilder(type: .exemplars)
    private var labelsBefore: [UInt8] = []
    private var lastSlot = -1
    private var lastTime: Int64 = 0

    /// How many bytes wait.
    var byteCount: Int { records.count }

    /// Tells a series' labels, before its first sample in a file.
    mutating func register(_ slot: Int, _ labels: Span<UInt8>) {
        if registrations.isEmpty { labelsBefore = [] }
        registrations.begin()
        LogCodec.append(slot, labels, after: labelsBefore, to: registrations.writer)
        labelsBefore.removeAll(keepingCapacity: true)
        for place in 0..<labels.count { labelsBefore.append(labels[place]) }
        registrations.countItem()
    }

    /// Adds a number to the batch.
    @inline(__always)
    mutating func append(_ slot: Int, _ timestamp: Int64, _ value: Double) {
        if samples.isEmpty {
            samples.begin()
            (lastSlot, lastTime) = (-1, 0)
        }
        let bits = value.bitPattern
        let count = bits == 0 ? 0 : 8 - bits.trailingZeroBitCount / 8
        var head = UInt8(truncatingIfNeeded: count)
        let (isNext, isSameTime) = (slot == lastSlot + 1, timestamp == lastTime)
        if isNext { head |= LogCodec.isNextFlag }
        if isSameTime { head |= LogCodec.isSameTimeFlag }
        let writer = samples.writer
        writer.put(byte: head)
        if !isNext { writer.putZigzag(Int64(slot - lastSlot)) }
        if !isSameTime { writer.putZigzag(timestamp &- lastTime) }
        if count > 0 { writer.put(bits >> UInt64(64 - 8 * count), bytes: count) }
        (lastSlot, lastTime) = (slot, timestamp)
        samples.countItem()
    }

    /// Adds a histogram to the batch.
    mutating func append(_ slot: Int, _ timestamp: Int64, _ histogram: NativeHistogram) {
        histograms.begin()
        LogCodec.append(slot, timestamp, histogram, to: histograms.writer)
        histograms.countItem()
    }

    /// Adds an exemplar to the batch.
    mutating func append(_ exemplar: ExemplarSample, of labels: LabelSet) {
        exemplars.begin()
        LogCodec.append(exemplar, of: labels, to: exemplars.writer)
        exemplars.countItem()
    }

    /// Ends the batch: labels first, twice so that damage to one copy costs nothing, then the samples.
    mutating func finishBatch() {
        registrations.finish()
        samples.finish()
        histograms.finish()
        exemplars.finish()
        if registrations.writer.count > 0 {
            for _ in 0..<2 { registrations.writer.withBytes { records.put($0) } }
            registrations.clear()
        }
        guard samples.writer.count + histograms.writer.count + exemplars.writer.count > 0 else { return }
        samples.writer.withBytes { records.put($0) }
        histograms.writer.withBytes { records.put($0) }
        exemplars.writer.withBytes { records.put($0) }
        samples.clear()
        histograms.clear()
        exemplars.clear()
        ticket += 1
    }

    /// Takes what is pending; it must be written or kept.
    mutating func take() -> LogWriter.Portion {
        let portion = LogWriter.Portion(records: records, ticket: ticket)
        // The next portion will be about as large.
        records = ByteWriter(capacity: min(records.count + records.count / 8, Self.portionSize))
        return portion
    }
}

/// Frames payloads as log records.
struct LogRecordBuilder: Sendable {
    let type: LogRecordType
    let writer = ByteWriter()
    private var start = -1
    private var items = 0

    init(type: LogRecordType) {
        self.type = type
    }

    /// Whether no record is begun.
    var isEmpty: Bool { start < 0 }

    /// Begins a record unless one is begun.
    @inline(__always)
    mutating func begin() {
        guard start < 0 else { return }
        start = writer.count
        writer.put(LogCodec.marker)
        writer.put(0, bytes: 8)
        writer.put(byte: type.rawValue)
    }

    /// Counts an item that was put into the record, and ends a full one: damage costs a whole record.
    @inline(__always)
    mutating func countItem() {
        items += 1
        if items >= type.itemsMax { finish() }
    }

    /// Ends the record.
    mutating func finish() {
        guard start >= 0 else { return }
        writer.replace(at: start + 4, with: UInt32(writer.count - start - LogCodec.frameSize))
        start = -1
        items = 0
    }

    /// Forgets all records, but keeps the memory up to a bound.
    mutating func clear() { writer.clear(keeping: 1 << 20) }
}
