import MartletCore
import MartletFiles
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore: SeriesAdministration {
    /// Seals everything in memory into segments, merges them where they may lie in one file, and cuts the log.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when a segment cannot be written; its samples stay in the log.
    public func seal() throws(SeriesError) { try sealAll() }

    /// Deletes the samples in a range of the series that meet all conditions of at least one selector.
    ///
    /// Seals what is in memory and writes the segments anew that hold any of the samples; writers and readers go on
    /// meanwhile. Of roll-ups, the steps that reach into the range go.
    ///
    /// - Parameters:
    ///   - selectors: The selectors; none deletes nothing.
    ///   - range: The first and the last time deleted.
    /// - Returns: How many series lost samples, counted in each file.
    /// - Throws: ``SeriesError`` `storageUnavailable` when a file cannot be written; what was deleted until then stays
    ///   deleted, and the call may be repeated.
    /// - Complexity: O(*n*) in the bytes of the segments that hold any of the samples.
    @discardableResult
    public func deleteSeries(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>
    ) throws(SeriesError) -> Int {
        try requireOpen()
        guard !selectors.isEmpty else { return 0 }
        return try maintenance.withLock { maintenance throws(SeriesError) in
            if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
            for _ in 0..<2 { try seal(&maintenance) }
            var deleted = 0
            let (raw, rolled) = head.withLock { ($0.segments, $0.rollups) }
            for segment in raw + rolled where segment.overlaps(range) {
                let places = affected(segment, selectors, range, maintenance.codec)
                guard !places.isEmpty else { continue }
                deleted += places.count
                let deleting = [segment.number: Dictionary(uniqueKeysWithValues: places.map { ($0, [range]) })]
                if segment.stepSeconds == 0 {
                    try merge([segment], deleting: deleting, &maintenance)
                } else {
                    try rewriteRollups([segment], deleting: deleting, &maintenance)
                }
            }
            forgetNewest(selectors, range)
            return deleted
        }
    }

    /// The rows of a segment that match and have anything in a range.
    private func affected(
        _ segment: Segment,
        _ selectors: [[LabelMatcher]],
        _ range: ClosedRange<Int64>,
        _ codec: ChunkCodec
    ) -> [RowPlace] {
        var places: Set<RowPlace> = []
        for selector in selectors {
            for match in segment.matches(selector) {
                let rows = match.rows ?? (0..<UInt32(segment.families[match.family].rowCount)).map { $0 }
                for row in rows { places.insert(RowPlace(family: match.family, row: Int(row))) }
            }
        }
        var reader = SegmentReader(segment, codec: codec)
        return places.filter { place in
            let family = segment.families[place.family]
            if segment.stepSeconds > 0 {
                var columns = RollupColumns()
                guard reader.readRollups(family, place.row, into: &columns) else { return false }
                let step = Int64(segment.stepSeconds) * 1000
                return columns.ends.contains { range.lowerBound <= $0 && range.upperBound > $0 - step }
            }
            var columns = SeriesColumns()
            return reader.read(family, place.row, in: range, into: &columns) && !columns.timestamps.isEmpty
        }
    }

    /// Lets the newest time of deleted series be written again.
    private func forgetNewest(_ selectors: [[LabelMatcher]], _ range: ClosedRange<Int64>) {
        head.withLock { head in
            for selector in selectors {
                for match in head.table.matches(selector) {
                    let ids = head.table.families[match.family].ids
                    for row in match.rows ?? (0..<UInt32(ids.count)).map({ $0 }) {
                        let slot = Int(ids[Int(row)])
                        if range.contains(head.slots[slot].newest) { head.slots[slot].hasNewest = false }
                    }
                }
            }
        }
    }

    /// Does nothing: ``deleteSeries(matching:in:)`` writes files without the samples at once.
    public func cleanTombstones() throws(SeriesError) { try requireOpen() }

    /// Makes a whole copy of the store's data in a new directory, by hard links where the file system allows.
    ///
    /// Everything acknowledged before the call is in it: memory is sealed first. The copy has no log and can be opened
    /// as a data directory, by this process or another one.
    ///
    /// - Parameter directory: The directory to make; it must not exist.
    /// - Throws: ``SeriesError`` `storageUnavailable` when the copy cannot be made.
    public func snapshot(to directory: String) throws(SeriesError) {
        try requireOpen()
        try maintenance.withLock { maintenance throws(SeriesError) in
            if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
            for _ in 0..<2 { try seal(&maintenance) }
            let segments = head.withLock { $0.segments + $0.rollups }
            do throws(FileError) {
                try copy(segments, to: directory)
            } catch {
                throw unavailable(error)
            }
        }
    }

    private func copy(_ segments: [Segment], to directory: String) throws(FileError) {
        let names: [String]?
        do throws(FileError) { names = try fileSystem.list(directory) } catch { names = nil }
        guard names == nil else {
            throw FileError(code: FileError.exists, operation: "make snapshot directory", path: directory)
        }
        let target = "\(directory)/\(StoreFormat.segmentDirectory)"
        try fileSystem.createDirectory(target)
        try fileSystem.createDirectory("\(directory)/\(StoreFormat.logDirectory)")
        for segment in segments { try fileSystem.link(segment.path, to: "\(target)/\(segment.number).seg") }
        try fileSystem.syncDirectory(target)
        let file = try fileSystem.create("\(directory)/\(StoreFormat.fileName)")
        try file.write(Array((StoreFormat.text + "\n").utf8).span)
        try file.sync()
        try file.close()
        try fileSystem.syncDirectory(directory)
    }

    /// What makes the store large.
    ///
    /// - Parameter top: How many entries each list may have.
    /// - Returns: The counts over the series that are being written to.
    /// - Complexity: O(*n*) in the labels of all series; copies nothing and holds no lock meanwhile.
    public func cardinality(top: Int) -> Cardinality {
        let (table, minTime, maxTime, chunks, series) = head.withLock { head in
            (
                head.table, min(head.columns.minTime, head.frozen?.columns.minTime ?? .max),
                max(head.columns.maxTime, head.frozen?.columns.maxTime ?? .min), head.columns.chainCount, head.liveCount
            )
        }
        let isLive = liveness(table)
        var counts = CardinalityCounts(table)
        for family in table.families {
            for row in 0..<family.count where isLive(family.ids[row]) { counts.add(family, row) }
        }
        var result = counts.result(top: top)
        (result.series, result.chunks) = (series, chunks)
        if minTime <= maxTime { (result.minTime, result.maxTime) = (minTime, maxTime) }
        return result
    }

    /// Which series of a table are written to, as of now.
    private func liveness(_ table: LabelTable) -> (UInt32) -> Bool {
        let live = head.withLock { head in
            head.table.count == table.count ? (0..<head.slots.count).map { head.slots[$0].isLive } : []
        }
        return { Int($0) >= live.count || live[Int($0)] }
    }
}

/// Counts series by name, label and value.
private struct CardinalityCounts {
    private let table: LabelTable
    private var byMetric: [UInt32: Int] = [:]
    private var byPair: [UInt64: Int] = [:]
    private var bytesOfName: [UInt32: Int] = [:]

    init(_ table: LabelTable) {
        self.table = table
    }

    mutating func add(_ family: LabelTable.Family, _ row: Int) {
        byMetric[family.metric, default: 0] += 1
        for place in 0...family.names.count {
            let (name, value) = family.label(row, place, 0)
            byPair[UInt64(name) << 32 | UInt64(value), default: 0] += 1
            bytesOfName[name, default: 0] +=
                table.symbols.byteCount(of: name) + table.symbols.byteCount(of: value)
        }
    }

    func result(top: Int) -> Cardinality {
        var valuesOfName: [UInt32: Int] = [:]
        for pair in byPair.keys { valuesOfName[UInt32(pair >> 32), default: 0] += 1 }
        var result = Cardinality()
        result.labelPairs = byPair.count
        result.seriesByMetricName = most(byMetric, top) { table.symbols.text($0) }
        result.valuesByLabelName = most(valuesOfName, top) { table.symbols.text($0) }
        result.bytesByLabelName = most(bytesOfName, top) { table.symbols.text($0) }
        result.seriesByLabelPair = most(byPair, top) { pair in
            let (name, value) = (UInt32(pair >> 32), UInt32(truncatingIfNeeded: pair))
            return "\(table.symbols.text(name))=\(table.symbols.text(value))"
        }
        return result
    }

    private func most<Key>(_ counts: [Key: Int], _ top: Int, _ name: (Key) -> String) -> [Cardinality.Entry] {
        // Texts are only made for those that may be among the first.
        guard top > 0, !counts.isEmpty else { return [] }
        let least = counts.values.sorted(by: >).prefix(top).last ?? 0
        let entries = counts.filter { $0.value >= least }.map { Cardinality.Entry(name: name($0.key), value: $0.value) }
        return Array(entries.sorted { ($1.value, $0.name) < ($0.value, $1.name) }.prefix(top))
    }
}
