import MartletSeries

extension SegmentReader {
    /// Appends the aggregates of a row of a tier.
    ///
    /// - Returns: Whether the block was sound.
    mutating func readRollups(_ family: Segment.Family, _ row: Int, into columns: inout RollupColumns) -> Bool {
        let isSound = segment.withBlock(family, row) { block -> Bool? in
            let isWhole = forEachChunk(block) { chunk in
                guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
                var at = chunk.values
                var head = at
                guard let (kind, _) = ChunkCodec.head(block, &head) else { return false }
                if kind == .histograms {
                    var values: [Double] = []
                    guard HistogramCodec.decode(block, &head, count: chunk.count, into: &values, &columns.histograms)
                    else { return false }
                } else {
                    for run in columns.runs.indices {
                        guard codec.decode(block, &at, count: chunk.count, into: &columns.runs[run]) else {
                            return false
                        }
                    }
                }
                columns.ends.append(contentsOf: times[chunk.start..<(chunk.start + chunk.count)])
                return true
            }
            return isWhole ? true : nil
        }
        if isSound == nil { segment.noteDamage() }
        return isSound != nil
    }
}
