import MartletSeries

/// A number or a histogram at a time.
struct TimedOperand {
    var time: Int64
    var value: Operand
}

extension Window {
    private func number(_ index: Int) -> TimedOperand {
        TimedOperand(time: timestamps[index], value: .number(values[index]))
    }

    private func histogram(_ index: Int) -> TimedOperand {
        TimedOperand(time: histogramTimes[index], value: .histogram(histograms[index]))
    }

    /// The first sample of either kind.
    ///
    /// - Precondition: The window is not empty.
    var firstSample: TimedOperand {
        guard hasHistograms else { return number(lower) }
        let other = histogram(histogramRange.lowerBound)
        return hasNumbers && timestamps[lower] <= other.time ? number(lower) : other
    }

    /// The last sample of either kind.
    ///
    /// - Precondition: The window is not empty.
    var lastSample: TimedOperand {
        guard hasHistograms else { return number(upper - 1) }
        let other = histogram(histogramRange.upperBound - 1)
        return hasNumbers && timestamps[upper - 1] >= other.time ? number(upper - 1) : other
    }

    /// The last two samples of either kind.
    ///
    /// - Precondition: There are two.
    var newestTwo: (previous: TimedOperand, last: TimedOperand) {
        var rest = self
        let last = lastSample
        if case .number = last.value {
            rest.dropLastNumber()
        } else {
            rest.histogramRange = histogramRange.dropLast()
        }
        return (rest.lastSample, last)
    }

    /// Calls back for each pair of neighbouring samples, whatever their kind.
    private func forEachPair(_ body: (Operand, Operand) -> Void) {
        var (number, histogram) = (lower, histogramRange.lowerBound)
        var previous: Operand?
        while number < upper || histogram < histogramRange.upperBound {
            let current: Operand
            if histogram == histogramRange.upperBound
                || (number < upper && timestamps[number] < histogramTimes[histogram])
            {
                current = .number(values[number])
                number += 1
            } else {
                current = .histogram(histograms[histogram])
                histogram += 1
            }
            if let previous { body(previous, current) }
            previous = current
        }
    }

    /// How often the value is another than before.
    var changes: Double {
        var changes = 0.0
        guard hasHistograms else {
            for index in (lower + 1)..<upper
            where values[index] != values[index - 1] && !(values[index].isNaN && values[index - 1].isNaN) {
                changes += 1
            }
            return changes
        }
        forEachPair { previous, current in
            switch (previous, current) {
            case (.number(let one), .number(let other)):
                if one != other, !(one.isNaN && other.isNaN) { changes += 1 }
            case (.histogram(let one), .histogram(let other)): if !one.equals(other) { changes += 1 }
            default: changes += 1
            }
        }
        return changes
    }

    /// How often the value is less than before, or of another kind.
    var resets: Double {
        var resets = 0.0
        guard hasHistograms else {
            for index in (lower + 1)..<upper where values[index] < values[index - 1] || isStartReset(at: index) {
                resets += 1
            }
            return resets
        }
        if !hasNumbers {
            for index in histogramRange.dropFirst()
            where isHistogramStartReset(at: index) || histograms[index].isReset(since: histograms[index - 1]) {
                resets += 1
            }
            return resets
        }
        forEachPair { previous, current in
            switch (previous, current) {
            case (.number(let one), .number(let other)): if other < one { resets += 1 }
            case (.histogram(let one), .histogram(let other)): if other.isReset(since: one) { resets += 1 }
            default: resets += 1
            }
        }
        return resets
    }
}
