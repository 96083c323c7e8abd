import MartletSeries

/// The unsealed samples of all series: a chain of value blocks for each, and columns of times that series share.
///
/// Series that are scraped together have the same times, so a time is kept once a scrape and not once a sample. A
/// series begins on the column of the one written before it; when its times turn out to be others it moves to a column
/// of its own, or to the one to which its neighbours moved. Guarded by the head's lock until it is frozen, then never
/// changed again.
final class SampleColumns: Sendable {
    /// The samples of one series in order of time, late ones excepted.
    struct Chain: BitwiseCopyable {
        var first: UInt32 = 0
        var tail: UInt32 = 0
        var column: UInt32 = 0
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    private struct Column: BitwiseCopyable {
        var count: UInt32 = 0
        var forkedAt: UInt32 = 0
        var fork: UInt32 = .max
        var last: Int64 = 0
    }

    /// How many values a block has.
    static let blockSize = 16

    /// What only a sample that came late, or a histogram, needs.
    private final class Rare: @unchecked Sendable {
        // Safety: guarded like the object that holds it.
        var times: [[Int64]] = []
        var late: [UInt32: [Sample]] = [:]
        var histograms: [UInt32: [Int64: NativeHistogram]] = [:]
        var count = 0
        var histogramCount = 0
        var minTime = Int64.max
        var maxTime = Int64.min
    }

    private let chains = Slab<Chain>(shift: 12)
    private let columns = Slab<Column>(shift: 10)
    private let values = Slab<Double>(shift: 16)
    private let next = Slab<UInt32>(shift: 12)
    private let rare = Rare()

    init() {
        // Block 0 stands for none.
        values.append(repeating: 0, count: Self.blockSize)
        next.append(0)
    }

    /// How many samples there are.
    var count: Int { rare.count }

    /// The oldest time.
    var minTime: Int64 { rare.minTime }

    /// The newest time.
    var maxTime: Int64 { rare.maxTime }

    /// Whether any sample may lie in a range.
    func overlaps(_ range: ClosedRange<Int64>) -> Bool {
        rare.minTime <= range.upperBound && rare.maxTime >= range.lowerBound
    }

    /// The bytes of memory.
    var byteCount: Int {
        chains.byteCount + values.byteCount + next.byteCount + rare.histogramCount * 256
            + rare.times.reduce(0) { $0 + $1.capacity * 8 } + rare.late.reduce(0) { $0 + $1.value.count * 16 }
    }

    /// How many series have samples.
    ///
    /// - Complexity: O(*n*) in the number of series.
    var chainCount: Int {
        var filled = 0
        for slot in 0..<chains.count where chains[slot].count > 0 { filled += 1 }
        return filled
    }

    /// Whether a series has samples.
    func isEmpty(_ slot: Int) -> Bool {
        (slot >= chains.count || chains[slot].count == 0) && rare.late[UInt32(slot)] == nil
    }

    /// Appends a sample that is newer than all others of its series.
    ///
    /// `hint` is the column of the sample before it, `UInt32.max` for none, and becomes that of this one.
    @inline(__always)
    func append(_ slot: Int, _ timestamp: Int64, _ value: Double, hint: inout UInt32) {
        if slot >= chains.count { chains.append(repeating: Chain(), count: slot + 1 - chains.count) }
        var chain = chains[slot]
        if chain.count == 0 {
            begin(&chain, timestamp, hint)
        } else {
            let index = chain.start + chain.count
            let column = columns[Int(chain.column)]
            if index + 1 == column.count, column.last == timestamp {
                // The neighbours have told this time already.
            } else if index == column.count {
                extend(chain.column, timestamp)
            } else {
                diverge(&chain, index, timestamp)
            }
        }
        let offset = Int(chain.count) & (Self.blockSize - 1)
        if offset == 0 {
            let block = next.count
            next.append(0)
            values.append(repeating: 0, count: Self.blockSize)
            if chain.tail == 0 { chain.first = UInt32(block) } else { next[Int(chain.tail)] = UInt32(block) }
            chain.tail = UInt32(block)
        }
        values[Int(chain.tail) * Self.blockSize + offset] = value
        chain.count += 1
        chains[slot] = chain
        hint = chain.column
        rare.count += 1
        if timestamp > rare.maxTime { rare.maxTime = timestamp }
        if timestamp < rare.minTime { rare.minTime = timestamp }
    }

    private func begin(_ chain: inout Chain, _ timestamp: Int64, _ hint: UInt32) {
        if hint < UInt32(columns.count), columns[Int(hint)].last == timestamp {
            chain.column = hint
            chain.start = columns[Int(hint)].count - 1
        } else {
            chain.column = newColumn([timestamp])
            chain.start = 0
        }
    }

    private func newColumn(_ times: [Int64]) -> UInt32 {
        columns.append(Column(count: UInt32(times.count), last: times[times.count - 1]))
        rare.times.append(times)
        return UInt32(columns.count - 1)
    }

    private func extend(_ column: UInt32, _ timestamp: Int64) {
        rare.times[Int(column)].append(timestamp)
        columns[Int(column)].count += 1
        columns[Int(column)].last = timestamp
    }

    /// Goes on where the column has another time next.
    private func diverge(_ chain: inout Chain, _ index: UInt32, _ timestamp: Int64) {
        let column = Int(chain.column)
        if rare.times[column][Int(index)] == timestamp { return }
        let fork = columns[column].fork
        if fork != .max, columns[column].forkedAt == index, rare.times[Int(fork)][Int(index)] == timestamp {
            chain.column = fork
            return
        }
        // Only what this series needs is copied, and once: from now on the column is its own.
        let new = newColumn(Array(rare.times[column][..<Int(index)]) + [timestamp])
        columns[column].fork = new
        columns[column].forkedAt = index
        chain.column = new
    }

    /// Inserts a sample that is older than others of its series.
    func insertLate(_ slot: Int, _ timestamp: Int64, _ value: Double) {
        var samples = rare.late[UInt32(slot)] ?? []
        rare.late[UInt32(slot)] = nil
        let place = samples.firstIndex { $0.timestamp > timestamp } ?? samples.endIndex
        samples.insert(Sample(timestamp: timestamp, value: value), at: place)
        rare.late[UInt32(slot)] = samples
        rare.count += 1
        rare.minTime = min(rare.minTime, timestamp)
        rare.maxTime = max(rare.maxTime, timestamp)
    }

    /// Tells the histogram of a sample.
    func setHistogram(_ slot: Int, _ timestamp: Int64, _ histogram: NativeHistogram) {
        rare.histograms[UInt32(slot), default: [:]][timestamp] = histogram
        rare.histogramCount += 1
    }

    /// The histogram of a sample.
    func histogram(_ slot: Int, _ timestamp: Int64) -> NativeHistogram? {
        rare.histograms[UInt32(slot)]?[timestamp]
    }

    /// Whether any sample of a series is a histogram.
    func hasHistograms(_ slot: Int) -> Bool { rare.histograms[UInt32(slot)] != nil }

    /// Which times a series has: the column, and where in it; `nil` where it has no samples or late ones too.
    func sharedTimes(_ slot: Int) -> (column: UInt32, start: Int, count: Int)? {
        guard slot < chains.count, rare.late[UInt32(slot)] == nil else { return nil }
        let chain = chains[slot]
        return chain.count == 0 ? nil : (chain.column, Int(chain.start), Int(chain.count))
    }

    /// The times of a column.
    func times(ofColumn column: UInt32) -> [Int64] { rare.times[Int(column)] }

    /// The value of a series at a time.
    ///
    /// - Complexity: O(log *n*) in its samples.
    func value(_ slot: Int, at timestamp: Int64) -> Double? {
        if let late = rare.late[UInt32(slot)], let sample = late.first(where: { $0.timestamp == timestamp }) {
            return sample.value
        }
        guard slot < chains.count, chains[slot].count > 0 else { return nil }
        let chain = chains[slot]
        let place = lowerBound(chain, timestamp)
        guard place < chain.count, time(chain, place) == timestamp else { return nil }
        var block = chain.first
        for _ in 0..<(place / UInt32(Self.blockSize)) { block = next[Int(block)] }
        return values[Int(block) * Self.blockSize + offset(place)]
    }

    /// Where in its block a sample is.
    private func offset(_ place: UInt32) -> Int { Int(place) & (Self.blockSize - 1) }

    private func time(_ chain: Chain, _ place: UInt32) -> Int64 {
        rare.times[Int(chain.column)][Int(chain.start + place)]
    }

    /// The first place whose time is not before another.
    private func lowerBound(_ chain: Chain, _ timestamp: Int64) -> UInt32 {
        var (low, high) = (UInt32(0), chain.count)
        while low < high {
            let middle = (low + high) / 2
            if time(chain, middle) < timestamp { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Appends the samples of a series in a range, in order of time.
    ///
    /// - Returns: Whether there were any.
    @discardableResult
    func read(_ slot: Int, in range: ClosedRange<Int64>, into columns: inout SeriesColumns) -> Bool {
        let before = columns.timestamps.count
        if slot < chains.count, chains[slot].count > 0 {
            let chain = chains[slot]
            let from = lowerBound(chain, range.lowerBound)
            let to = range.upperBound == .max ? chain.count : lowerBound(chain, range.upperBound + 1)
            if from < to { copy(chain, from, to, into: &columns) }
        }
        if let late = rare.late[UInt32(slot)] {
            for sample in late where range.contains(sample.timestamp) { columns.append(sample.timestamp, sample.value) }
        }
        if let histograms = rare.histograms[UInt32(slot)] { columns.setHistograms(from: before, histograms) }
        return columns.timestamps.count > before
    }

    private func copy(_ chain: Chain, _ from: UInt32, _ to: UInt32, into columns: inout SeriesColumns) {
        let start = Int(chain.start)
        columns.appendTimes(rare.times[Int(chain.column)][(start + Int(from))..<(start + Int(to))])
        var block = chain.first
        for _ in 0..<(from / UInt32(Self.blockSize)) { block = next[Int(block)] }
        var place = Int(from)
        while place < Int(to) {
            let offset = place & (Self.blockSize - 1)
            let end = min(Self.blockSize, offset + Int(to) - place)
            unsafe values.withPointer(at: Int(block) * Self.blockSize + offset, count: end - offset) { pointer in
                unsafe columns.appendValues(UnsafeBufferPointer(start: pointer, count: end - offset))
            }
            place += end - offset
            block = next[Int(block)]
        }
    }

    /// The newest sample of a series in a range.
    func latest(_ slot: Int, in range: ClosedRange<Int64>) -> (timestamp: Int64, value: Double)? {
        var newest: (timestamp: Int64, value: Double)?
        if slot < chains.count, chains[slot].count > 0 {
            let chain = chains[slot]
            let end = range.upperBound == .max ? chain.count : lowerBound(chain, range.upperBound + 1)
            if end > 0, time(chain, end - 1) >= range.lowerBound {
                let place = end - 1
                var block = chain.first
                if place / UInt32(Self.blockSize) == (chain.count - 1) / UInt32(Self.blockSize) {
                    block = chain.tail
                } else {
                    for _ in 0..<(place / UInt32(Self.blockSize)) { block = next[Int(block)] }
                }
                newest = (time(chain, place), values[Int(block) * Self.blockSize + offset(place)])
            }
        }
        for sample in rare.late[UInt32(slot)] ?? [] where range.contains(sample.timestamp) {
            if sample.timestamp > newest?.timestamp ?? .min { newest = (sample.timestamp, sample.value) }
        }
        return newest
    }
}
