import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// Which part of a range each tier answers: where raw samples are no longer kept, the finest tier that is.
    ///
    /// With `reachesOver`, the aggregate that the edge to the finer tier lies in is among them.
    private func parts(
        _ range: ClosedRange<Int64>,
        _ now: Int64,
        reachesOver: Bool = false
    ) -> [(tier: RollupTier, range: ClosedRange<Int64>)] {
        var newest = timeline.oldest(now, configuration.retention) - 1
        var parts: [(RollupTier, ClosedRange<Int64>)] = []
        for tier in configuration.rollups {
            let oldest = timeline.oldest(now, tier.retention)
            let low = max(oldest, range.lowerBound)
            let edge = reachesOver ? RollupColumns.end(of: newest + 1, tier.stepMilliseconds) : newest
            let high = min(edge, range.upperBound)
            if low <= high { parts.append((tier, low...high)) }
            newest = min(newest, oldest - 1)
        }
        return parts
    }

    /// The step of the coarsest tier of roll-ups that a range is answered from, in milliseconds; `nil` says raw.
    public func coarsestStep(in range: ClosedRange<Int64>) -> Int64? {
        parts(range, clock.millisecondsSinceEpoch).map(\.tier.stepMilliseconds).max()
    }

    /// Looks up what roll-ups there are where raw samples are no longer kept.
    func addRollups(
        _ view: View,
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        now: Int64,
        to selection: inout Selection
    ) throws(SeriesError) {
        let found = try selection.withMerge { merge in
            Result { () throws(SeriesError) in try rollups(view, matchers, in: range, now: now, into: &merge) }
        }
        .get()
        for part in found { selection.rollups[part.number, default: []].append(part) }
    }

    /// Appends the last numbers of steps where raw samples are no longer kept.
    ///
    /// A counter that was reset within a step gets one more sample in the middle of it, so that what it gained comes
    /// out as it was.
    func readRollups(_ number: Int, of selection: Selection, into columns: inout SeriesColumns) {
        guard !selection.rollups.isEmpty, let found = selection.rollups[number] else { return }
        let family = selection.merge.table.families[Int(selection.merge.places[number].family)]
        let isCounter = isCounter(selection.merge.table.symbols.text(family.metric))
        for part in found { part.columns.putSamples(into: &columns, step: part.step, isCounter) }
    }

    /// Notes the newest of those samples.
    func findRollups(
        _ view: View,
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        now: Int64,
        into gathering: inout SeriesGathering
    ) throws(SeriesError) {
        for found in try rollups(view, matchers, in: range, now: now, into: &gathering.merge) {
            guard let end = found.columns.ends.last else { continue }
            gathering.note(found.number, end, found.columns.last.last ?? found.columns.histograms.last??.sum ?? 0) {
                found.columns.histograms.last ?? nil
            }
        }
    }

    /// The roll-ups of the part of a range that raw samples are no longer kept of, finest tier first.
    ///
    /// The last aggregate of a tier is the one that the edge to the finer tier, or to the raw samples, lies in.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: The series by tier, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func rollups(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [RollupSeries] {
        var merge = LabelMerge()
        let now = clock.millisecondsSinceEpoch
        let found = try rollups(view(), matchers, in: range, now: now, reachesOver: true, into: &merge)
        var samples = 0
        var byNumber: [Int: [FoundRollup]] = [:]
        for part in found {
            samples += part.columns.ends.count
            byNumber[part.number, default: []].append(part)
        }
        guard samples <= limit.samples, byNumber.count <= limit.series else {
            throw .limitExceeded("the selection has over \(limit.series) series or \(limit.samples) roll-ups")
        }
        var texts = TextCache()
        var result: [RollupSeries] = []
        let sorted = merge.sorted(Array(byNumber.keys))
        for tier in configuration.rollups {
            for number in sorted {
                for part in byNumber[number] ?? []
                where part.step == tier.stepMilliseconds && !part.columns.counts.isEmpty {
                    var series = RollupSeries(labels: merge.labels(number, &texts), step: part.step)
                    (series.ends, series.counts, series.sums) = (
                        part.columns.ends, part.columns.counts, part.columns.sums
                    )
                    (series.minima, series.maxima) = (part.columns.minima, part.columns.maxima)
                    (series.last, series.increases) = (part.columns.last, part.columns.increases)
                    result.append(series)
                }
            }
        }
        return result
    }

    private func rollups(
        _ view: View,
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        now: Int64,
        reachesOver: Bool = false,
        into merge: inout LabelMerge
    ) throws(SeriesError) -> [FoundRollup] {
        var result: [FoundRollup] = []
        let codec = ChunkCodec()
        for (tier, part) in parts(range, now, reachesOver: reachesOver) {
            var places: [Int: Int] = [:]
            for segment in view.rollups where segment.stepSeconds == tier.stepSeconds && segment.overlaps(part) {
                var reader = SegmentReader(segment, codec: codec)
                var rows: [(RowPlace, Int)] = []
                merge.add(segment, segment.matches(matchers)) {
                    rows.append((RowPlace(family: $0, row: $1), $2))
                }
                for (looks, (place, number)) in rows.enumerated() {
                    if looks % 64 == 0, Task.isCancelled { throw .cancelled }
                    let index = places[number] ?? result.count
                    if index == result.count {
                        places[number] = index
                        result.append(
                            FoundRollup(number: number, step: tier.stepMilliseconds, columns: RollupColumns())
                        )
                    }
                    let family = segment.families[place.family]
                    if !reader.readRollups(family, place.row, into: &result[index].columns) { noteDamage(segment) }
                }
            }
            for index in places.values { result[index].columns.keep(part) }
        }
        return result.filter { !$0.columns.isEmpty }
    }

    /// Whether a metric is a counter, by what it said of itself or else by its name.
    private func isCounter(_ metric: String) -> Bool {
        if let known = metadataTable.withLock({ $0.metadata(of: metric, limit: 1)[metric]?.first }) {
            switch known.type {
            case .counter: return true
            case .gauge: return false
            default: break
            }
        }
        return ["_total", "_count", "_sum", "_bucket"].contains { metric.hasSuffix($0) }
    }
}

extension RollupColumns {
    /// Appends the last number of each step, and what a reset counter reached before its reset.
    func putSamples(into target: inout SeriesColumns, step: Int64, _ isCounter: Bool) {
        if !histograms.isEmpty {
            for (place, end) in ends.enumerated() {
                target.append(end, histograms[place]?.sum ?? 0)
                target.setHistogram(histograms[place], at: target.timestamps.count - 1)
            }
            return
        }
        for (place, end) in ends.enumerated() {
            if isCounter, place > 0 {
                let (before, last, increase) = (self.last[place - 1], self.last[place], increases[place])
                let peak = before + increase - last
                // Rounding of sums is no reset.
                if peak > before, peak - before > 1e-9 * peak.magnitude || last < before {
                    target.append(end - step / 2, peak)
                } else if last < before, peak >= before {
                    target.append(end - step / 2, peak)
                }
            }
            target.append(end, last[place])
        }
    }
}

/// The aggregates of one series in one tier.
struct FoundRollup {
    var number: Int
    var step: Int64
    var columns: RollupColumns
}
