import MartletCore
import MartletSeries

extension Evaluator {
    /// Works out the steps of a group at which a member has a native histogram.
    func aggregateHistograms(_ columns: [Column], _ members: [Int], _ node: Aggregation, into result: inout Column) {
        switch node.operation {
        case .count, .group:
            for step in result.values.indices {
                let count = members.reduce(into: 0) { $0 += columns[$1].isPresent(step) ? 1 : 0 }
                result.values[step] = count == 0 ? Column.absent : node.operation == .group ? 1 : Double(count)
            }
        case .sum, .avg:
            for step in result.values.indices { sumHistograms(columns, members, node, step, into: &result) }
        default: noteIgnored(members.map { columns[$0] }, node)
        }
    }

    /// Says that an aggregation does not look at histograms, where there are any.
    func noteIgnored(_ columns: [Column], _ node: Aggregation) {
        if columns.contains(where: { $0.histograms.contains { $0 != nil } }) {
            annotations.addIgnoredInAggregation(node.operation, at: node.operand.sourceRange)
        }
    }

    private func sumHistograms(
        _ columns: [Column],
        _ members: [Int],
        _ node: Aggregation,
        _ step: Int,
        into result: inout Column
    ) {
        let place = node.operand.sourceRange
        let histograms = members.compactMap { columns[$0].histogram(step) }
        guard !histograms.isEmpty else { return }
        guard Column.isAbsent(result.values[step]) else {
            annotations.addMixedSamplesInAggregation(at: place)
            result.values[step] = Column.absent
            return
        }
        do throws(WorkingHistogram.Incompatible) {
            let combined =
                node.operation == .sum
                ? try NativeHistogram.sum(histograms) : try NativeHistogram.mean(histograms)
            note(combined.notes, .aggregation, at: place)
            result.set(combined.histogram, at: step)
        } catch {
            let odd = members.first {
                columns[$0].histogram(step).map { $0.hasCustomBounds != histograms[0].hasCustomBounds } ?? false
            }
            annotations.addMixedBuckets(metric: odd.flatMap { columns[$0].labels.metricName }, at: place)
        }
    }
}

extension NativeHistogram {
    /// A histogram made of several, with what was found out of the ordinary.
    typealias Combined = (histogram: NativeHistogram, notes: WorkingHistogram.Notes)

    /// The sum of some histograms, with compensated rounding errors.
    ///
    /// - Precondition: There is at least one.
    static func sum(_ all: [NativeHistogram]) throws(WorkingHistogram.Incompatible) -> Combined {
        let sum = try total(all)
        return (sum.0.finished(), sum.1)
    }

    /// The mean of some histograms: the sum divided by how many there are; where it overflows, a mean of means.
    ///
    /// - Precondition: There is at least one.
    static func mean(_ all: [NativeHistogram]) throws(WorkingHistogram.Incompatible) -> Combined {
        var (sum, notes) = try total(all)
        sum.divide(by: Double(all.count))
        let mean = sum.finished()
        guard mean.isOverflown, !all.contains(where: \.isOverflown) else { return (mean, notes) }
        var running = WorkingHistogram(all[0])
        for (index, histogram) in all.enumerated().dropFirst() {
            let count = Double(index + 1)
            var share = WorkingHistogram(histogram)
            share.divide(by: count)
            var before = running
            before.divide(by: count)
            try share.add(before, times: -1)
            try running.add(share)
        }
        running.resetHint = sum.resetHint
        return (running.finished(), notes)
    }

    private static func total(
        _ all: [NativeHistogram]
    ) throws(WorkingHistogram.Incompatible) -> (WorkingHistogram, WorkingHistogram.Notes) {
        var sum = WorkingHistogram(all[0])
        var notes = WorkingHistogram.Notes()
        for histogram in all.dropFirst() {
            if try sum.add(histogram).boundsReconciled { notes.boundsReconciled = true }
        }
        // Hints collide whatever lies between them: an unknown one in the middle does not reconcile the two.
        notes.hintsCollide = all.contains { $0.resetHint == .reset } && all.contains { $0.resetHint == .notReset }
        return (sum, notes)
    }

    private var isOverflown: Bool {
        count.isInfinite || sum.isInfinite || zeroCount.isInfinite || positiveBuckets.contains(where: \.isInfinite)
            || negativeBuckets.contains(where: \.isInfinite)
    }
}
