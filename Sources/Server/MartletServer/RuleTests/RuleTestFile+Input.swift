import MartletCore
import MartletSeries

extension RuleTestFile.Group {
    /// When the longest series ends, in milliseconds from the start.
    var inputEnd: Int64 {
        let longest = input.map(\.values.count).max() ?? 0
        return Int64(max(0, longest - 1)) * Int64(interval / .milliseconds(1))
    }

    /// Stores the input's samples up to a time, in milliseconds from the start.
    func give(to store: RuleTestStore, from given: inout Int, through time: Int64) {
        let interval = Int64(interval / .milliseconds(1))
        while Int64(given) * interval <= time {
            let timestamp = start + Int64(given) * interval
            var batch: [IncomingSample] = []
            for series in input where given < series.values.count {
                switch series.values[given] {
                case .missing: break
                case .number(let value):
                    batch.append(IncomingSample(labels: series.labels, timestamp: timestamp, value: value))
                case .histogram(let histogram):
                    batch.append(IncomingSample(labels: series.labels, timestamp: timestamp, histogram: histogram))
                }
            }
            _ = store.append(batch)
            given += 1
        }
    }
}
