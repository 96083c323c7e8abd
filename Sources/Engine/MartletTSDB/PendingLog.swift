import MartletCore

/// Log records that are encoded but not written, in the order in which the head took the samples.
///
/// Checksums are filled in by the writer, outside the head's lock. The layout is in docs/formats/wal.md.
struct PendingLog: Sendable {
    /// The log file for which series are registered.
    var sequence: UInt64 = 0

    /// Counts the batches; whoever holds a ticket waits until the log is written that far.
    private(set) var ticket: UInt64 = 0

    private var bytes: [UInt8] = []
    private var maxTime = Int64.min
    private var registrations = LogRecordBuilder(type: .series)
    private var samples = LogRecordBuilder(type: .samples)
    private var lastSlot: Int64 = 0
    private var lastTime: Int64 = 0

    /// What was taken from the pending log to be written.
    struct Portion {
        var bytes: [UInt8]
        var maxTime: Int64
        var ticket: UInt64
    }

    /// Whether nothing waits.
    var isEmpty: Bool { bytes.isEmpty }

    /// Tells a series' labels, before its first sample in a file.
    mutating func register(_ slot: Int, _ labels: LabelSet) {
        registrations.add { LogCodec.appendSeries(slot, labels, to: &$0) }
        if registrations.isFull { registrations.finish() }
    }

    /// Adds a sample to the batch.
    @inline(__always)
    mutating func append(_ slot: Int, _ timestamp: Int64, _ value: Double) {
        if samples.isEmpty { (lastSlot, lastTime) = (0, 0) }
        samples.add { bytes in
            Varint.append(Varint.zigzag(Int64(slot) - lastSlot), to: &bytes)
            Varint.append(Varint.zigzag(timestamp &- lastTime), to: &bytes)
            ValueToken.append(value, base: 0, to: &bytes)
        }
        (lastSlot, lastTime) = (Int64(slot), timestamp)
        maxTime = max(maxTime, timestamp)
        if samples.isFull { samples.finish() }
    }

    /// Ends the batch: labels first, twice so that damage to one copy costs nothing, then the samples.
    mutating func finishBatch() {
        registrations.finish()
        samples.finish()
        if !registrations.bytes.isEmpty {
            bytes.append(contentsOf: registrations.bytes)
            bytes.append(contentsOf: registrations.bytes)
            registrations.clear()
        }
        guard !samples.bytes.isEmpty else { return }
        bytes.append(contentsOf: samples.bytes)
        samples.clear()
        ticket += 1
    }

    /// Takes what is pending.
    mutating func take() -> Portion {
        let portion = Portion(bytes: bytes, maxTime: maxTime, ticket: ticket)
        bytes = []
        maxTime = .min
        return portion
    }
}

/// Frames payloads as log records.
struct LogRecordBuilder: Sendable {
    let type: LogRecordType
    private(set) var bytes: [UInt8] = []
    private var start: Int?
    private var items = 0

    init(type: LogRecordType) {
        self.type = type
    }

    /// Whether the record begun holds nothing.
    var isEmpty: Bool { start == nil }

    /// Whether the record begun should end: damage costs a whole record.
    var isFull: Bool { items >= type.itemsMax }

    /// Adds one item to the record.
    @inline(__always)
    mutating func add(_ encode: (inout [UInt8]) -> Void) {
        if start == nil {
            start = bytes.count
            bytes.appendLittleEndian(LogCodec.marker)
            bytes.append(contentsOf: repeatElement(0, count: 8))
            bytes.append(type.rawValue)
        }
        encode(&bytes)
        items += 1
    }

    /// Ends the record.
    mutating func finish() {
        guard let start else { return }
        bytes.replaceLittleEndian(at: start + 4, with: UInt32(bytes.count - start - LogCodec.frameSize))
        self.start = nil
        items = 0
    }

    /// Forgets all records, but keeps the memory up to a bound.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    }
}
