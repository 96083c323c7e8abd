import CMartletCells
import MartletCore
import Synchronization

/// The cells of an instrument at the moment it is read, with what belongs to them.
private struct Reading {
    var cells: [UInt32]
    var bases: [UInt32: SeriesExpiry.Base]
    var objects: [any SeriesObject]
}

extension Instrument {
    var metadata: MetricMetadata {
        MetricMetadata(type: descriptor.type, help: descriptor.help, unit: descriptor.unit)
    }

    private var hasObjects: Bool { makesObjects }

    // MARK: Columns

    /// All series as they are now, in columns.
    func block(at now: Int64) -> MetricBlock {
        guard !hasObjects, !isSpecial else { return MetricBlock(snapshot(at: now)) }
        let (reading, text, ends) = state.withLock { state in
            sweep(&state, now)
            let reading = read(state)
            writeLabels(&state, reading.cells.count)
            return (reading, state.labelText, state.labelEnds)
        }
        return MetricBlock(
            name: descriptor.name,
            metadata: metadata,
            kind: descriptor.kind,
            labelText: text,
            labelEnds: ends,
            values: values(reading)
        )
    }

    /// Whether its series are not one number or histogram each.
    private var isSpecial: Bool { descriptor.kind == .stateSet || descriptor.kind == .info }

    private func read(_ state: borrowing State) -> Reading {
        var cells: [UInt32]
        if let family = unsafe family {
            let count = unsafe Int(martlet_family_count(family))
            cells = unsafe Array(UnsafeBufferPointer(start: martlet_family_cells(family), count: count))
            if hasOverflowSeries(state) { cells.append(state.overflowCell) }
        } else {
            cells = [onlyCell]
        }
        let objects = hasObjects ? cells.compactMap { state.objects[$0] } : []
        return Reading(cells: cells, bases: state.expiry.bases, objects: objects)
    }

    /// Whether the overflow is a series of its own: not where one was really labelled `other`.
    private func hasOverflowSeries(_ state: borrowing State) -> Bool {
        guard state.overflowCell != 0, let family = unsafe family else { return false }
        let others = descriptor.labelNames.map { _ in "other" }
        return unsafe Instrument.withTexts(others) { unsafe martlet_family_find_locked(family, $0) == 0 }
    }

    private func values(_ reading: Reading) -> MetricBlock.Values {
        let cells = reading.cells
        switch descriptor.type {
        case .counter, .info:
            var counts = [UInt64](repeating: 0, count: cells.count)
            var fractions: [Double] = []
            unsafe martlet_cells_sum_each(cells, UInt32(cells.count), &counts)
            if unsafe martlet_cells_have_fractions(cells, UInt32(cells.count)) {
                fractions = [Double](repeating: 0, count: cells.count)
                unsafe martlet_cells_sum_each_fraction(cells, UInt32(cells.count), &fractions)
            }
            if !reading.bases.isEmpty {
                for (index, cell) in cells.enumerated() {
                    guard let base = reading.bases[cell] else { continue }
                    counts[index] &-= base.counts[0]
                    if !fractions.isEmpty { fractions[index] -= base.sum }
                }
            }
            return .counts(counts, fractions: fractions)
        case .histogram, .gaugeHistogram:
            let width = descriptor.buckets.upperBounds.count + 1
            var counts = [UInt64](repeating: 0, count: cells.count * width)
            var sums = [Double](repeating: 0, count: cells.count)
            for (index, cell) in cells.enumerated() {
                unsafe counts.withUnsafeMutableBufferPointer {
                    guard let start = $0.baseAddress else { return }
                    unsafe martlet_cells_sum_range(cell, UInt32(width), start + index * width)
                }
                sums[index] = unsafe martlet_histogram_sum(bounds, cell)
                guard let base = reading.bases[cell] else { continue }
                for bucket in 0..<width { counts[index * width + bucket] &-= base.counts[bucket] }
                sums[index] -= base.sum
            }
            return .histograms(upperBounds: descriptor.buckets.upperBounds, counts: counts, sums: sums)
        default:
            var numbers = [Double](repeating: 0, count: cells.count)
            unsafe martlet_gauge_values(cells, UInt32(cells.count), &numbers)
            return .numbers(numbers)
        }
    }

    // MARK: Families

    /// All series as they are now.
    func snapshot(at now: Int64) -> MetricFamily {
        let (reading, labels, created) = state.withLock { state in
            sweep(&state, now)
            let reading = read(state)
            return (reading, labelSets(&state, reading.cells.count), createdTimes(state, reading.cells.count))
        }
        var series: [MetricSeries] = []
        series.reserveCapacity(labels.count)
        let isCounted = descriptor.type != .gauge && descriptor.type != .info && descriptor.type != .stateSet
        for (index, value) in metricValues(reading, at: now).enumerated() {
            series.append(
                MetricSeries(
                    labels: labels[index],
                    value: value,
                    created: isCounted ? created[index] : nil,
                    exemplar: descriptor.type == .counter ? ExemplarStore.exemplar(of: reading.cells[index]) : nil
                )
            )
        }
        if descriptor.kind == .stateSet { series = StateSeries.series(descriptor, series) }
        return MetricFamily(descriptor.name, metadata: metadata, kind: descriptor.kind, series: series)
    }

    private func metricValues(_ reading: Reading, at now: Int64) -> [MetricValue] {
        if hasObjects { return reading.objects.map { $0.value(at: now * 1_000_000) } }
        switch values(reading) {
        case .counts(let counts, let fractions):
            return counts.indices.map { Counter.exactValue(counts[$0], fractions.isEmpty ? 0 : fractions[$0]) }
        case .numbers(let numbers):
            return numbers.map { .number($0) }
        case .histograms(let upperBounds, let counts, let sums):
            let width = upperBounds.count + 1
            return sums.indices.map { index in
                let own = counts[(index * width)..<((index + 1) * width)]
                return .histogram(HistogramValue(upperBounds, own, sum: sums[index], cell: reading.cells[index]))
            }
        case .series:
            return []
        }
    }

    // MARK: Labels

    private func labelSets(_ state: inout State, _ count: Int) -> [LabelSet] {
        guard let family = unsafe family else { return [constantLabels] }
        let kept = state.labelSets.count
        let known = unsafe Int(martlet_family_count(family))
        var sets = state.labelSets
        for place in kept..<max(kept, known) {
            sets.append(labels((0..<labelCount).map { unsafe Instrument.text(family, place, $0) }))
        }
        if known <= Instrument.labelSetsKept { state.labelSets = sets }
        if count > known { sets.append(labels(descriptor.labelNames.map { _ in "other" })) }
        return sets
    }

    private func createdTimes(_ state: borrowing State, _ count: Int) -> [Int64] {
        guard let family = unsafe family else { return [state.created] }
        let known = unsafe Int(martlet_family_count(family))
        return (0..<count).map { place in
            let age = place < known ? unsafe martlet_family_created(family, UInt32(place)) : 0
            return state.created + Int64(age) * 100
        }
    }

    private func labels(_ values: [String]) -> LabelSet {
        LabelSet(Array(constantLabels) + zip(descriptor.labelNames, values).map { Label($0, $1) })
    }

    /// Writes the labels of the series that came up since the last time.
    private func writeLabels(_ state: inout State, _ count: Int) {
        let known = unsafe family.map { unsafe Int(martlet_family_count($0)) } ?? 1
        // The overflow comes last and moves as series come up.
        if state.labelEnds.count > known { LabelText.drop(last: state.labelEnds.count - known, &state) }
        let writer = LabelText(constantLabels, descriptor.labelNames)
        for place in state.labelEnds.count..<max(state.labelEnds.count, known) {
            writer.append(to: &state.labelText) { label in
                guard let family = unsafe family else { return "" }
                return unsafe Instrument.text(family, place, label)
            }
            state.labelEnds.append(UInt32(state.labelText.count))
        }
        if count > known {
            writer.append(to: &state.labelText) { _ in "other" }
            state.labelEnds.append(UInt32(state.labelText.count))
        }
    }

    private static func text(_ family: OpaquePointer, _ place: Int, _ label: Int) -> String {
        let text = unsafe martlet_family_value(family, UInt32(place), UInt32(label))
        return unsafe String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }

    // MARK: Removal

    /// Removes the series of those label values; false where there is none.
    func remove(_ values: [String]) -> Bool {
        guard !isInert, let family = unsafe family, values.count == labelCount else { return false }
        return state.withLock { state in
            let cell = unsafe Instrument.withTexts(values) { unsafe martlet_family_find_locked(family, $0) }
            guard cell != 0, unsafe martlet_family_lock_lookups(family) else { return false }
            let count = unsafe Int(martlet_family_count(family))
            let cells = unsafe UnsafeBufferPointer(start: martlet_family_cells(family), count: count)
            guard let place = unsafe cells.firstIndex(of: cell) else { return false }
            unsafe martlet_family_remove(family, UInt32(place))
            forget([cell], &state)
            // There is room again.
            overflow.store(0, ordering: .releasing)
            return true
        }
    }

    private func sweep(_ state: inout State, _ now: Int64) {
        guard let expiry = descriptor.expiry, let family = unsafe family, !isInert else { return }
        let (seconds, attoseconds) = expiry.components
        let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let gone = unsafe state.expiry.sweep(self, family, after: milliseconds, now: now)
        if !gone.isEmpty { forget(gone, &state) }
    }

    private func forget(_ cells: [UInt32], _ state: inout State) {
        giveBack(cells.count)
        for cell in cells {
            state.objects[cell] = nil
            martlet_exemplar_forget(cell, cellCount)
        }
        // The order of the others changed.
        state.labelText = []
        state.labelEnds = []
        state.labelSets = []
    }

    /// Something that differs whenever the series was changed.
    func digest(at cell: UInt32) -> UInt64 {
        if hasObjects { return 0 }
        switch descriptor.type {
        case .counter: return martlet_cells_sum(cell) ^ martlet_cells_sum_fractions(cell).bitPattern
        case .histogram:
            var counts = [UInt64](repeating: 0, count: descriptor.buckets.upperBounds.count + 1)
            unsafe martlet_cells_sum_range(cell, UInt32(counts.count), &counts)
            return counts.reduce(0, &+)
        default: return martlet_gauge_value(cell).bitPattern
        }
    }

    /// What a cell says before it is given to a new series.
    func base(at cell: UInt32) -> SeriesExpiry.Base {
        switch descriptor.type {
        case .histogram:
            var counts = [UInt64](repeating: 0, count: descriptor.buckets.upperBounds.count + 1)
            unsafe martlet_cells_sum_range(cell, UInt32(counts.count), &counts)
            return SeriesExpiry.Base(counts: counts, sum: unsafe martlet_histogram_sum(bounds, cell))
        case .counter:
            return SeriesExpiry.Base(counts: [martlet_cells_sum(cell)], sum: martlet_cells_sum_fractions(cell))
        default:
            martlet_gauge_set(cell, 0, 0)
            return SeriesExpiry.Base(counts: [0], sum: 0)
        }
    }
}
