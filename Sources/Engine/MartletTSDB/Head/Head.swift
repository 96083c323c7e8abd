import MartletCore
import MartletSeries

/// The series that are written to, their samples that are not sealed yet, and what of them is still to be logged.
///
/// Guarded by the store with one lock.
struct Head: Sendable {
    /// What may be appended, in milliseconds.
    struct Limits: Sendable {
        var retention: Int64
        var outOfOrderWindow: Int64
        var futureAllowance: Int64
        var seriesMax: Int
        var seriesOfOriginMax: Int
        var seriesOfMetricMax: Int
        var labels = LabelLimits()
    }

    /// One series.
    struct Slot: BitwiseCopyable {
        /// Where its label bytes are.
        var labels: UInt32
        var labelsCount: UInt32
        /// The series that followed this one in a batch last time.
        var successor: UInt32 = .max
        /// The log file that tells this series' labels already, modulo 2^32.
        var registeredIn: UInt32 = 0
        /// Where it is in the table of labels.
        var family: UInt32 = 0
        var row: UInt32 = 0
        /// Who wrote to it first.
        var owner: UInt32 = 0
        var isLive = true
        /// Whether `newestBits` are known; they are not when the newest sample is in a segment only.
        var hasNewest = false
        /// The newest time ever, `Int64.min` before the first sample.
        var newest = Int64.min
        /// The newest sample's bits.
        var newestBits: UInt64 = 0
    }

    let limits: Limits
    let seed: UInt64
    var table: LabelTable
    var slots = Slab<Slot>(shift: 12)
    var columns = SampleColumns()

    /// When the first of these samples came.
    var began: Int64?

    /// What is being sealed, if anything is.
    var frozen: FrozenColumns?

    /// The segments of raw samples, in order of their numbers.
    var segments: [Segment] = []

    /// The segments of roll-ups, in order of their numbers.
    var rollups: [Segment] = []
    var liveCount = 0
    var appended = 0
    var rejected: [AppendResult.Reason: Int] = [:]
    var log = PendingLog()
    var offenders = Offenders()
    var seriesOfMetric: [UInt32: Int] = [:]
    var owners = OwnerTable()

    /// Which numbering of slots this is.
    private(set) var generation: UInt64 = 1
    private(set) var arena = ByteArena()
    private var places = PlaceTable()

    init(limits: Limits, seed: UInt64) {
        self.limits = limits
        self.seed = seed
        table = LabelTable(seed: seed)
    }

    /// How many samples are in memory.
    var sampleCount: Int { columns.count + (frozen?.columns.count ?? 0) }

    /// The bytes of memory that series and samples take.
    var byteCount: Int {
        table.byteCount + arena.byteCount + places.byteCount + slots.byteCount + columns.byteCount
            + (frozen?.columns.byteCount ?? 0)
    }

    /// Lends the label bytes of a series.
    @inline(__always)
    func withLabels<Result>(_ slot: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        arena.withPiece(Int(slots[slot].labels), Int(slots[slot].labelsCount), body)
    }

    /// Whether a slot has the series of those label bytes.
    @inline(__always)
    func isSeries(_ slot: Int, _ labels: Span<UInt8>) -> Bool {
        let known = slots[slot]
        return known.isLive && arena.equals(Int(known.labels), Int(known.labelsCount), labels)
    }

    /// The slot of a series by its canonical label bytes.
    func slot(of labels: Span<UInt8>, hash: UInt64) -> Int? {
        places.first(hash) { isSeries($0, labels) }
    }

    /// Makes a slot for a series that has none.
    ///
    /// A series that was sealed earlier is looked up in the segments that reach to `timestamp`, so that it goes on
    /// where it ended.
    mutating func insert(_ labels: Span<UInt8>, hash: UInt64, timestamp: Int64, owner: UInt32) -> Int {
        let index = slots.count
        var slot = Slot(labels: UInt32(arena.append(labels)), labelsCount: UInt32(labels.count), owner: owner)
        for segment in segments where segment.maxTime >= timestamp {
            guard let (family, row) = segment.find(labels) else { continue }
            var reader = SegmentReader(segment, codec: ChunkCodec())
            if let newest = reader.latest(segment.families[family], row, in: .min ... .max) {
                slot.newest = max(slot.newest, newest.timestamp)
            }
        }
        let place = table.add(labels, id: UInt32(index))
        slot.family = place.family
        slot.row = place.row
        slots.append(slot)
        places.insert(index, hash)
        liveCount += 1
        seriesOfMetric[table.families[Int(place.family)].metric, default: 0] += 1
        owners.add(owner)
        return index
    }

    /// The slot of a series that the log tells of; `nil` where its labels cannot be read.
    mutating func restore(_ labels: Span<UInt8>) -> Int? {
        let hash = ByteHash.hash(labels, seed: seed)
        if let slot = slot(of: labels, hash: hash) { return slot }
        guard case .canonical = LabelForm(labels, limits: .none) else { return nil }
        return insert(labels, hash: hash, timestamp: .max, owner: 0)
    }

    /// Takes the samples aside to be sealed, and begins anew.
    ///
    /// - Parameters:
    ///   - idle: Series without a sample since this time are let go of. What came since then stays, though it may be old
    ///     by its own time, as what is sent late is.
    ///   - numbersAnew: Whether slots may get other numbers; nothing may be waiting for the log then.
    mutating func freeze(idleBefore idle: Int64, numbersAnew: Bool) {
        precondition(frozen == nil)
        let taken = columns
        let isRecent = began.map { $0 >= idle } ?? false
        frozen = FrozenColumns(columns: taken, table: table, logSequence: log.sequence)
        columns = SampleColumns()
        began = nil
        for index in 0..<slots.count where slots[index].isLive && slots[index].newest < idle {
            if !isRecent || taken.isEmpty(index) { letGo(index) }
        }
        if numbersAnew { rebuild() }
    }

    /// Whether so many slots are of series that are gone that numbering anew is worth its time.
    var isWorthRebuilding: Bool { slots.count - liveCount > max(1000, liveCount / 4) }

    private mutating func letGo(_ index: Int) {
        slots[index].isLive = false
        liveCount -= 1
        seriesOfMetric[table.families[Int(slots[index].family)].metric, default: 1] -= 1
        owners.remove(slots[index].owner)
    }

    /// Lets go of the memory of series that are gone; slots get other numbers.
    ///
    /// - Complexity: O(*n*) in the number of series that stay.
    private mutating func rebuild() {
        let old = (slots: slots, arena: arena)
        (slots, arena) = (Slab<Slot>(shift: 12), ByteArena())
        (table, places) = (LabelTable(seed: seed), PlaceTable())
        (liveCount, seriesOfMetric) = (0, [:])
        owners.clearCounts()
        let segmentsKept = segments
        segments = []
        for index in 0..<old.slots.count where old.slots[index].isLive {
            let slot = old.slots[index]
            old.arena.withPiece(Int(slot.labels), Int(slot.labelsCount)) { labels in
                let hash = ByteHash.hash(labels, seed: seed)
                let new = insert(labels, hash: hash, timestamp: .max, owner: slot.owner)
                slots[new].newest = slot.newest
                slots[new].newestBits = slot.newestBits
                slots[new].hasNewest = slot.hasNewest
            }
        }
        segments = segmentsKept
        generation += 1
    }

    /// Whether a series has been let go of.
    func isLive(_ slot: Int) -> Bool { slots[slot].isLive }
}

/// Samples on their way into a segment, with the labels as they were numbered when they were taken aside.
struct FrozenColumns: Sendable {
    let columns: SampleColumns
    let table: LabelTable

    /// The log file that begins right behind these samples.
    let logSequence: UInt64
}
