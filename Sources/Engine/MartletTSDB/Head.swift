import MartletCore
import MartletSeries

/// The newest samples of all series in memory, and what of them is still to be logged.
///
/// A plain value; the store guards it with one lock.
struct Head: Sendable {
    /// What may be appended, in milliseconds.
    struct Limits: Sendable {
        var retention: Int64
        var outOfOrderWindow: Int64
        var futureAllowance: Int64
        var seriesMax: Int
    }

    /// How many labels a series may have.
    static let labelCountMax = 64

    /// How many bytes a label's name may have.
    static let nameBytesMax = 1024

    /// How many bytes a label's value may have.
    static let valueBytesMax = 4096

    let limits: Limits
    let hashSeed: UInt64
    var series: [HeadSeries] = []
    var liveCount = 0
    var segments: [Segment] = []
    var sampleCount = 0
    var minTime = Int64.max
    var maxTime = Int64.min
    var appended = 0
    var rejected: [AppendResult.Reason: Int] = [:]
    var log = PendingLog()
    private var symbols = SymbolTable()
    private var pairs: [UInt32] = []
    private var table = SlotTable()
    private var postings: [UInt64: [UInt32]] = [:]
    private var valuesOfName: [UInt32: [UInt32]] = [:]

    init(limits: Limits, hashSeed: UInt64) {
        self.limits = limits
        self.hashSeed = hashSeed
    }

    /// The labels of the series in a slot.
    func labels(of slot: Int) -> LabelSet {
        LabelSet(sorted: pairs(at: slot).map { Label(text(of: $0.name), text(of: $0.value)) })
    }

    /// The slot of a series.
    @inline(__always)
    func slot(of labels: LabelSet, hash: UInt64) -> Int? {
        table.first(hash) { slot in
            series[slot].hash == hash && series[slot].isLive && isSeries(slot, labels)
        }
    }

    /// Whether a slot holds the series of those labels.
    @inline(__always)
    func isSeries(_ slot: Int, _ labels: LabelSet) -> Bool {
        let start = series[slot].pairStart
        guard series[slot].pairCount == labels.count else { return false }
        var place = start
        for label in labels {
            guard symbols.texts[Int(pairs[place])] == label.name, symbols.texts[Int(pairs[place + 1])] == label.value
            else { return false }
            place += 2
        }
        return true
    }

    /// The slot of a series, made where there is none.
    ///
    /// A series that was sealed away earlier is looked up in the segments that reach to `timestamp`, so that it goes
    /// on where it ended.
    mutating func ensureSlot(of labels: LabelSet, hash: UInt64, timestamp: Int64) -> Int {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(2 * labels.count)
        var isWrittenAlike = true
        for label in labels {
            for text in [label.name, label.value] {
                let number = symbols.intern(text)
                numbers.append(number)
                isWrittenAlike = isWrittenAlike && symbols.texts[Int(number)].utf8.elementsEqual(text.utf8)
            }
        }
        // A text may be known in another, canonically equivalent spelling; then the series has another hash.
        var key = hash
        if !isWrittenAlike {
            key = LabelHash.hash(
                LabelSet(
                    sorted: stride(from: 0, to: numbers.count, by: 2).map {
                        Label(symbols.texts[Int(numbers[$0])], symbols.texts[Int(numbers[$0 + 1])])
                    }
                ),
                seed: hashSeed
            )
            if let slot = slot(of: labels, hash: key) { return slot }
        }
        return insert(numbers, labels, hash: key, timestamp: timestamp)
    }

    private mutating func insert(_ numbers: [UInt32], _ labels: LabelSet, hash: UInt64, timestamp: Int64) -> Int {
        let slot = series.count
        var new = HeadSeries(pairStart: pairs.count, pairCount: numbers.count / 2, hash: hash)
        for segment in segments where segment.maxTime >= timestamp {
            if let place = segment.place(of: labels) { new.newest = max(new.newest, segment.maxTime(at: place)) }
        }
        pairs.append(contentsOf: numbers)
        series.append(new)
        liveCount += 1
        for place in stride(from: 0, to: numbers.count, by: 2) {
            let key = UInt64(numbers[place]) << 32 | UInt64(numbers[place + 1])
            if postings[key] == nil { valuesOfName[numbers[place], default: []].append(numbers[place + 1]) }
            postings[key, default: []].append(UInt32(slot))
        }
        table.insert(slot, hash) { series[$0].hash }
        return slot
    }

    /// Lets go of a series without samples.
    mutating func remove(_ slot: Int) {
        series[slot].isLive = false
        series[slot].open = OpenChunk()
        series[slot].chunks = []
        liveCount -= 1
    }

    /// Whether so many slots are dead that ``rebuilt()`` is worth its time.
    var isWorthRebuilding: Bool { series.count - liveCount > max(1000, liveCount / 4) }

    /// The same head without dead slots and their texts; the series must be registered in the log anew.
    ///
    /// - Complexity: O(*n*) in the number of series.
    func rebuilt() -> Head {
        var head = Head(limits: limits, hashSeed: hashSeed)
        (head.segments, head.log, head.sampleCount) = (segments, log, sampleCount)
        (head.minTime, head.maxTime, head.appended, head.rejected) = (minTime, maxTime, appended, rejected)
        for slot in series.indices where series[slot].isLive {
            let labels = labels(of: slot)
            let new = head.ensureSlot(of: labels, hash: series[slot].hash, timestamp: .max)
            var moved = HeadSeries(
                pairStart: head.series[new].pairStart,
                pairCount: head.series[new].pairCount,
                hash: head.series[new].hash
            )
            (moved.newest, moved.newestBits) = (series[slot].newest, series[slot].newestBits)
            (moved.chunks, moved.open, moved.late) = (series[slot].chunks, series[slot].open, series[slot].late)
            head.series[new] = moved
        }
        return head
    }
}

extension Head: LabelIndex {
    var placeCount: Int { series.count }

    func isLive(_ place: Int) -> Bool { series[place].isLive }

    func symbol(of text: String) -> UInt32? { symbols.number(of: text) }

    func text(of symbol: UInt32) -> String { symbols.texts[Int(symbol)] }

    func values(of name: UInt32) -> [UInt32] { valuesOfName[name] ?? [] }

    func places(_ name: UInt32, _ value: UInt32) -> [UInt32] { postings[UInt64(name) << 32 | UInt64(value)] ?? [] }

    func value(at place: Int, of name: UInt32) -> UInt32? {
        var pair = series[place].pairStart
        for _ in 0..<series[place].pairCount {
            if pairs[pair] == name { return pairs[pair + 1] }
            pair += 2
        }
        return nil
    }

    func pairs(at place: Int) -> [(name: UInt32, value: UInt32)] {
        let start = series[place].pairStart
        return (0..<series[place].pairCount).map { (pairs[start + 2 * $0], pairs[start + 2 * $0 + 1]) }
    }
}
