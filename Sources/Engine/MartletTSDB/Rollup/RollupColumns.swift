import MartletSeries

/// The aggregates of one series, one a step.
struct RollupColumns: Sendable {
    var ends: [Int64] = []

    /// Counts, sums, minima, maxima, last numbers and increases.
    var runs: [[Double]] = Array(repeating: [], count: SegmentLayout.rollupColumns)

    /// The last native histogram of each step instead of numbers, where the series is one; else empty.
    var histograms: [NativeHistogram?] = []

    var counts: [Double] { runs[0] }
    var sums: [Double] { runs[1] }
    var minima: [Double] { runs[2] }
    var maxima: [Double] { runs[3] }
    var last: [Double] { runs[4] }
    var increases: [Double] { runs[5] }

    var isEmpty: Bool { ends.isEmpty }

    /// Forgets everything but keeps the memory.
    mutating func clear() {
        ends.removeAll(keepingCapacity: true)
        for run in runs.indices { runs[run].removeAll(keepingCapacity: true) }
        histograms.removeAll()
    }

    /// Adds the aggregates of samples in order of time; those up to the first step only tell where increases begin.
    ///
    /// Aggregates are made of the time after `start` and through `end`.
    mutating func add(_ columns: SeriesColumns, after start: Int64, through end: Int64, step: Int64) {
        let times = columns.timestamps
        var before: Double?
        var place = 0
        while place < times.count, times[place] <= start {
            if !StaleMarker.isStale(columns.values[place]) { before = columns.values[place] }
            place += 1
        }
        if !columns.histograms.isEmpty, columns.histograms.contains(where: { $0 != nil }) {
            addHistograms(columns, from: place, through: end, step: step)
            return
        }
        while place < times.count, times[place] <= end {
            let stepEnd = Self.end(of: times[place], step)
            var aggregate = Aggregate(before: before)
            while place < times.count, times[place] <= stepEnd {
                let value = columns.values[place]
                place += 1
                if !StaleMarker.isStale(value) { aggregate.add(value) }
            }
            guard aggregate.count > 0 else { continue }
            before = aggregate.last
            append(stepEnd, aggregate)
        }
    }

    private mutating func addHistograms(_ columns: SeriesColumns, from start: Int, through end: Int64, step: Int64) {
        for place in start..<columns.timestamps.count where columns.timestamps[place] <= end {
            guard let histogram = columns.histograms[place] else { continue }
            let stepEnd = Self.end(of: columns.timestamps[place], step)
            if ends.last == stepEnd {
                histograms[histograms.count - 1] = histogram
            } else {
                ends.append(stepEnd)
                histograms.append(histogram)
            }
        }
    }

    /// Adds aggregates of a finer tier, in order of time, as aggregates of a coarser one.
    mutating func add(_ finer: RollupColumns, step: Int64) {
        if !finer.histograms.isEmpty {
            for (place, end) in finer.ends.enumerated() {
                let stepEnd = Self.end(of: end, step)
                if ends.last == stepEnd {
                    histograms[histograms.count - 1] = finer.histograms[place]
                } else {
                    ends.append(stepEnd)
                    histograms.append(finer.histograms[place])
                }
            }
            return
        }
        var place = 0
        while place < finer.ends.count {
            let stepEnd = Self.end(of: finer.ends[place], step)
            var aggregate = Aggregate(before: nil)
            while place < finer.ends.count, finer.ends[place] <= stepEnd {
                aggregate.add(finer, place)
                place += 1
            }
            append(stepEnd, aggregate)
        }
    }

    private mutating func append(_ end: Int64, _ aggregate: Aggregate) {
        ends.append(end)
        runs[0].append(Double(aggregate.count))
        runs[1].append(aggregate.sum)
        runs[2].append(aggregate.least)
        runs[3].append(aggregate.greatest)
        runs[4].append(aggregate.last)
        runs[5].append(aggregate.increase)
    }

    /// The end of the step that a time lies in; a step's end belongs to it and its start does not.
    static func end(of time: Int64, _ step: Int64) -> Int64 {
        let rest = time % step
        return rest == 0 ? time : time - rest + (rest > 0 ? step : 0)
    }

    /// Keeps the aggregates of a range, each end once and in order.
    mutating func keep(_ range: ClosedRange<Int64>) {
        let order = ends.indices.filter { range.contains(ends[$0]) }.sorted { (ends[$0], $0) < (ends[$1], $1) }
        var kept = RollupColumns()
        for place in order where kept.ends.last != ends[place] {
            kept.ends.append(ends[place])
            if histograms.isEmpty {
                for run in runs.indices { kept.runs[run].append(runs[run][place]) }
            } else {
                kept.histograms.append(histograms[place])
            }
        }
        self = kept
    }
}

/// What is known of the numbers of one step.
private struct Aggregate {
    var count = 0
    var sum = 0.0
    var least = Double.infinity
    var greatest = -Double.infinity
    var last = 0.0
    var increase = 0.0
    private var before: Double?

    init(before: Double?) {
        self.before = before
    }

    mutating func add(_ value: Double) {
        count += 1
        sum += value
        // A number that is none must not hide behind a comparison that is always false.
        least = value.isNaN || least.isNaN ? .nan : min(least, value)
        greatest = value.isNaN || greatest.isNaN ? .nan : max(greatest, value)
        if let before { increase += value < before ? value : value - before }
        before = value
        last = value
    }

    mutating func add(_ other: RollupColumns, _ place: Int) {
        count += Int(other.counts[place])
        sum += other.sums[place]
        least = other.minima[place].isNaN || least.isNaN ? .nan : min(least, other.minima[place])
        greatest = other.maxima[place].isNaN || greatest.isNaN ? .nan : max(greatest, other.maxima[place])
        last = other.last[place]
        increase += other.increases[place]
    }
}
