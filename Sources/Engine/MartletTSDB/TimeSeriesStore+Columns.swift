public import MartletSeries

extension TimeSeriesStore: SampleColumnSink {
    /// Takes a batch of columns; when it returns, the accepted samples are as durable as the configuration promises.
    ///
    /// - Parameters:
    ///   - batch: The series and their samples.
    ///   - labels: The buffer that the batch's label ranges refer to.
    ///   - session: What is remembered for this sender.
    /// - Returns: How many samples were taken, and which were refused and why.
    /// - Throws: ``SeriesError`` `storageUnavailable` while the disk is full or failing.
    @discardableResult
    public func append(
        _ batch: borrowing SampleBatch,
        labels: Span<UInt8>,
        session: inout WriteSession
    ) throws(SeriesError) -> AppendResult {
        var rows: [IncomingSample] = []
        var indices: [Int] = []
        var refused: [AppendResult.Rejection] = []
        for entry in 0..<batch.entries.count {
            let set = batch.labels(of: entry, in: labels)
            for place in batch.firstSample(of: entry)..<Int(batch.entries[entry].sampleEnd) {
                guard let set else {
                    refused.append(.init(index: place, reason: .invalidLabels))
                    continue
                }
                indices.append(place)
                rows.append(
                    IncomingSample(
                        labels: set,
                        timestamp: batch.timestamps[place],
                        value: batch.values[place],
                        histogram: batch.histograms[place]
                    )
                )
            }
        }
        var result = try append(rows)
        refused += result.rejections.map { .init(index: indices[$0.index], reason: $0.reason) }
        result.rejections = refused.sorted { $0.index < $1.index }
        return result
    }
}
