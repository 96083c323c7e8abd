import MartletSeries

/// A series as aggregates of its older part and raw samples of its newer one, in order of time.
struct RolledUpSeries {
    /// What is known of a stretch of time that ends with its last number; a raw sample is one of no length.
    private struct Piece {
        var end: Int64
        /// How much time it covers; zero for a raw sample.
        var step: Int64
        var count: Double
        var sum: Double
        var least: Double
        var greatest: Double
        var last: Double
        var increase: Double
    }

    private var pieces: [Piece] = []

    /// Puts a series together.
    ///
    /// - Parameters:
    ///   - rollups: Its roll-ups, one stretch a tier.
    ///   - samples: Its samples, in which the last numbers of the roll-ups may be; those are left out.
    init(_ rollups: [RollupSeries], _ samples: Series) {
        // Where tiers overlap the coarser one has the whole of it.
        for tier in rollups.sorted(by: { $0.step > $1.step }) {
            let covered = pieces.last?.end ?? .min
            for place in tier.ends.indices where tier.ends[place] > covered {
                pieces.append(
                    Piece(
                        end: tier.ends[place],
                        step: tier.step,
                        count: tier.counts[place],
                        sum: tier.sums[place],
                        least: tier.minima[place],
                        greatest: tier.maxima[place],
                        last: tier.last[place],
                        increase: tier.increases[place]
                    )
                )
            }
        }
        let newest = pieces.last?.end ?? .min
        var before = pieces.last?.last
        for (time, value) in zip(samples.timestamps, samples.values) where time > newest && !StaleMarker.isStale(value)
        {
            let increase = before.map { value < $0 ? value : value - $0 } ?? 0
            pieces.append(
                Piece(
                    end: time,
                    step: 0,
                    count: 1,
                    sum: value,
                    least: value,
                    greatest: value,
                    last: value,
                    increase: increase
                )
            )
            before = value
        }
    }

    /// The first place whose end is not before a time.
    private func place(notBefore time: Int64) -> Int {
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value of a function of a window; nil where there is none.
    func value(of name: String, in window: ClosedRange<Int64>) -> Double? {
        let (low, high) = (place(notBefore: window.lowerBound), place(notBefore: window.upperBound + 1))
        guard low < high else { return nil }
        let found = pieces[low..<high]
        switch name {
        case "present_over_time": return 1
        case "last_over_time": return found[high - 1].last
        case "count_over_time": return found.reduce(0) { $0 + $1.count }
        case "sum_over_time": return sum(found)
        case "avg_over_time": return sum(found) / found.reduce(0) { $0 + $1.count }
        case "min_over_time": return found.reduce(found[low].least) { $1.least < $0 || $0.isNaN ? $1.least : $0 }
        case "max_over_time":
            return found.reduce(found[low].greatest) { $1.greatest > $0 || $0.isNaN ? $1.greatest : $0 }
        default: return growth(of: name, low, high, window)
        }
    }

    private func sum(_ found: ArraySlice<Piece>) -> Double {
        var sum = CompensatedSum()
        for piece in found { sum.add(piece.sum) }
        return sum.value
    }

    /// How much the series grew, extended from the time that is known of to the whole window.
    private func growth(of name: String, _ low: Int, _ high: Int, _ window: ClosedRange<Int64>) -> Double? {
        let (first, last) = (pieces[low], pieces[high - 1])
        // What an aggregate gained since the one before it belongs to it; a raw sample is where growth begins.
        let begin = first.step > 0 ? first.end - first.step : first.end
        guard last.end > begin else { return nil }
        var growth = 0.0
        if name == "delta" {
            let start = low > 0 && first.step > 0 ? pieces[low - 1].last : first.last
            growth = last.last - start
        } else {
            for place in low..<high where place > low || first.step > 0 { growth += pieces[place].increase }
        }
        let length = Double(window.upperBound - window.lowerBound + 1)
        let whole = growth * length / Double(last.end - begin)
        return name == "rate" ? whole / (length / 1000) : whole
    }
}
