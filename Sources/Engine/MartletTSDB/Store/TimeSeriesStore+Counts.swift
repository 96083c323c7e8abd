import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// How many series live at the end of a range, by the labels they share; groups by numbers, not texts.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time that count.
    ///   - grouping: Which labels make a group.
    ///   - limit: What may be read at most.
    /// - Returns: The groups with at least one series, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func counts(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCount] {
        // No sample is so far from the epoch; without the bounds lengths would overflow.
        let bounds = range.clamped(to: -(1 << 61)...(1 << 61))
        let span = bounds.upperBound - bounds.lowerBound + 1
        let window = WindowSequence(firstEnd: bounds.upperBound, step: 1, count: 1, span: span)
        return try counts(matchers, window, by: grouping, limit: limit).map {
            SeriesCount(labels: $0.labels, count: $0.counts[0])
        }
    }

    /// How many series live at the end of each of several windows, by the labels they share.
    ///
    /// Looks at the times that series share and at the kind of their values; columns of values are read only where there
    /// may be a stale marker.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - windows: The windows.
    ///   - grouping: Which labels make a group.
    ///   - limit: What may be read at most; every series counts as one sample a window.
    /// - Returns: The groups with at least one series in any window, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func counts(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCounts] {
        guard let range = windows.range else { return [] }
        var selection = try selection(matchers, in: range, limit: limit)
        let (labels, places) = SeriesGroups.places(selection.merge, grouping)
        var counts = [Int](repeating: 0, count: labels.count * windows.count)
        var newest = NewestSamples(windows)
        var columns = SeriesColumns()
        for number in 0..<selection.count {
            try selection.check()
            newest.clear()
            columns.clear()
            readRollups(number, of: selection, into: &columns)
            if let range = selection.range {
                for part in selection.parts(of: number) {
                    note(part, &selection, in: range, into: &newest, &columns)
                }
            }
            if !columns.timestamps.isEmpty {
                columns.finish()
                newest.note(columns)
            }
            let alive = newest.add(to: &counts, at: Int(places[number]) * windows.count)
            if alive > 0 { try selection.count(samples: alive) }
        }
        return labels.indices.compactMap { place in
            let counts = counts[(place * windows.count)..<((place + 1) * windows.count)]
            return counts.contains { $0 > 0 } ? SeriesCounts(labels: labels[place], counts: Array(counts)) : nil
        }
    }

    /// Notes what a part has, or reads it where values must be looked at.
    private func note(
        _ part: Selection.Part,
        _ selection: inout Selection,
        in range: ClosedRange<Int64>,
        into newest: inout NewestSamples,
        _ columns: inout SeriesColumns
    ) {
        switch selection.sources[Int(part.source)] {
        case .segment(let place):
            let segment = selection.readers[place].segment
            let family = segment.families[Int(part.family)]
            if !selection.readers[place].note(family, Int(part.row), in: range, into: &newest, &columns) {
                noteDamage(segment)
            }
        case .frozen(let memory): memory.note(Int(part.row), in: range, into: &newest, &columns)
        case .memory(let memory):
            head.withLock { _ in memory.note(Int(part.row), in: range, into: &newest, &columns) }
        }
    }
}

/// The newest sample of one series in each of some windows.
struct NewestSamples {
    let windows: WindowSequence
    private var times: [Int64]
    private var isStale: [Bool]

    init(_ windows: WindowSequence) {
        self.windows = windows
        times = Array(repeating: .min, count: windows.count)
        isStale = Array(repeating: false, count: windows.count)
    }

    /// Forgets everything.
    mutating func clear() {
        for window in times.indices {
            times[window] = .min
            isStale[window] = false
        }
    }

    /// Notes a sample of a window.
    @inline(__always)
    mutating func note(_ window: Int, _ time: Int64, isStale: Bool) {
        guard time > times[window] else { return }
        times[window] = time
        self.isStale[window] = isStale
    }

    /// Notes the samples of columns.
    mutating func note(_ columns: SeriesColumns) {
        let found = columns.timestamps
        var next = 0
        for window in 0..<windows.count {
            let end = windows.end(window)
            while next < found.count, found[next] <= end { next += 1 }
            guard next > 0, end - found[next - 1] < windows.span else { continue }
            note(window, found[next - 1], isStale: StaleMarker.isStale(columns.values[next - 1]))
        }
    }

    /// Notes samples of which none is a stale marker.
    ///
    /// - Parameters:
    ///   - found: Times in order.
    ///   - range: The places of the times that count.
    ///   - places: How many of the times are not after the end of each window.
    mutating func note(_ found: [Int64], _ range: Range<Int>, _ places: [Int32]) {
        for window in 0..<windows.count {
            let place = min(Int(places[window]), range.upperBound) - 1
            guard place >= range.lowerBound, windows.end(window) - found[place] < windows.span else { continue }
            note(window, found[place], isStale: false)
        }
    }

    /// How many of some times, which are in order, are not after the end of each window.
    func places(of found: [Int64]) -> [Int32] {
        var next = 0
        return (0..<windows.count).map { window in
            let end = windows.end(window)
            while next < found.count, found[next] <= end { next += 1 }
            return Int32(next)
        }
    }

    /// Adds one for each window in which the series lives.
    ///
    /// - Returns: In how many it does.
    func add(to counts: inout [Int], at start: Int) -> Int {
        var alive = 0
        for window in times.indices where times[window] != .min && !isStale[window] {
            counts[start + window] += 1
            alive += 1
        }
        return alive
    }
}

extension SegmentReader {
    /// Notes the newest samples of a row, or appends those in the range where a stale marker may be among them.
    ///
    /// - Returns: Whether the block was sound.
    mutating func note(
        _ family: Segment.Family,
        _ row: Int,
        in range: ClosedRange<Int64>,
        into newest: inout NewestSamples,
        _ columns: inout SeriesColumns
    ) -> Bool {
        let isSound = segment.withBlock(family, row) { block -> Bool? in
            forEachChunk(block) { chunk in
                guard isBetween(range, chunk.column) else { return true }
                guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
                let places = windowPlaces(chunk.column, times, newest)
                let span = chunk.start..<(chunk.start + chunk.count)
                if ChunkCodec.isWithoutStaleMarkers(block, at: chunk.values) {
                    newest.note(times, span, places)
                    return true
                }
                if newest.windows.count == 1, places[0] >= span.upperBound,
                    let value = ChunkCodec.last(block, at: chunk.values)
                {
                    let time = times[span.upperBound - 1]
                    if newest.windows.end(0) - time < newest.windows.span {
                        newest.note(0, time, isStale: StaleMarker.isStale(value))
                    }
                    return true
                }
                return read(block, chunk, in: range, into: &columns)
            } ? true : nil
        }
        if isSound == nil { segment.noteDamage() }
        return isSound != nil
    }

    /// How many times of a column are not after the end of each window, worked out once.
    private mutating func windowPlaces(_ column: UInt32, _ times: [Int64], _ newest: NewestSamples) -> [Int32] {
        let index = Int(column) % Self.timesMax
        if placesColumns[index] == column { return places[index] }
        places[index] = newest.places(of: times)
        placesColumns[index] = column
        return places[index]
    }
}

extension SampleColumns {
    /// Notes the newest sample of a series, or appends those in the range where there is more than one window.
    func note(
        _ slot: Int,
        in range: ClosedRange<Int64>,
        into newest: inout NewestSamples,
        _ columns: inout SeriesColumns
    ) {
        if newest.windows.count == 1 {
            guard let (time, value) = latest(slot, in: range) else { return }
            newest.note(0, time, isStale: StaleMarker.isStale(value))
        } else {
            read(slot, in: range, into: &columns)
        }
    }
}
