import MartletCore
import MartletSeries

/// What is being sealed: the chunks of each series as of one moment, and how far in time.
struct SealPlan {
    /// One series' chunks, which stay in the head until they are sealed.
    struct Frozen {
        var slot: Int
        var labels: LabelSet
        var chunks: [Chunk]

        /// The samples of a stretch of time in order, its end excluded.
        func columns(from: Int64, to: Int64) -> (timestamps: [Int64], values: [Double]) {
            var columns = Columns()
            var decoder = ChunkDecoder()
            for chunk in chunks where chunk.overlaps(from...(to - 1)) && decoder.decode(chunk.bytes.span) {
                columns.append(decoder.timestamps, decoder.values, in: from...(to - 1))
            }
            columns.finish()
            return (columns.timestamps, columns.values)
        }
    }

    /// More segments than this are not written at once; each covers more time instead.
    static let windowsMax: Int64 = 16

    /// Samples before this time are sealed.
    let cut: Int64

    /// The log file that begins right after what is frozen.
    private(set) var logSequence: UInt64 = 0

    /// The series that have anything to seal.
    private(set) var frozen: [Frozen] = []

    init(cut: Int64) {
        self.cut = cut
    }

    /// Remembers what is to be sealed, at the point where a new log file begins.
    mutating func freeze(_ head: inout Head) {
        logSequence = head.log.sequence
        for slot in head.series.indices where head.series[slot].isLive {
            guard head.series[slot].hasSample(in: .min...(cut - 1)) else { continue }
            head.series[slot].freeze()
            frozen.append(Frozen(slot: slot, labels: head.labels(of: slot), chunks: head.series[slot].chunks))
        }
    }

    /// The stretches of time that get a segment each.
    func windows(length: Int64) -> [(from: Int64, to: Int64)] {
        var (minTime, maxTime) = (Int64.max, Int64.min)
        for series in frozen {
            for chunk in series.chunks where chunk.minTime < cut {
                minTime = min(minTime, chunk.minTime)
                maxTime = max(maxTime, min(chunk.maxTime, cut - 1))
            }
        }
        guard minTime <= maxTime else { return [] }
        let count = (maxTime - minTime) / length + 1
        let step = length * ((count - 1) / Self.windowsMax + 1)
        return stride(from: Self.floor(minTime, step), through: maxTime, by: Int(step)).map { from in
            (from, min(from + step, cut))
        }
    }

    /// Takes out of the head what is sealed, and whatever came meanwhile stays.
    func thaw(_ head: inout Head) {
        for series in frozen {
            var chunks: [Chunk] = []
            if cut < .max {
                let rest = series.columns(from: cut, to: .max)
                chunks = Chunk.chunks(timestamps: rest.timestamps, values: rest.values)
            }
            chunks.append(contentsOf: head.series[series.slot].chunks.dropFirst(series.chunks.count))
            head.series[series.slot].chunks = chunks
        }
        head.recount()
    }

    /// The multiple of a length at or before a time.
    static func floor(_ time: Int64, _ length: Int64) -> Int64 {
        let rest = time % length
        return time - (rest < 0 ? rest + length : rest)
    }
}

extension Head {
    /// Counts anew after samples were taken out, and lets go of series that have none.
    mutating func recount() {
        (sampleCount, minTime, maxTime) = (0, .max, .min)
        for slot in series.indices where series[slot].isLive {
            let count = series[slot].sampleCount
            guard count > 0 else {
                remove(slot)
                continue
            }
            sampleCount += count
            for chunk in series[slot].chunks {
                minTime = min(minTime, chunk.minTime)
                maxTime = max(maxTime, chunk.maxTime)
            }
            if series[slot].open.count > 0 {
                minTime = min(minTime, series[slot].open.minTime)
                maxTime = max(maxTime, series[slot].open.maxTime)
            }
            if let first = series[slot].late.first, let last = series[slot].late.last {
                minTime = min(minTime, first.timestamp)
                maxTime = max(maxTime, last.timestamp)
            }
        }
    }
}
