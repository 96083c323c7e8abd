import MartletFiles

extension Head {
    /// Sample records with, before them, the labels of all series in them, for a new log file.
    mutating func registrations(for records: [ByteWriter], sequence: UInt64) -> ByteWriter {
        log.sequence = sequence
        var named: Set<Int> = []
        for part in records { part.withBytes { Self.collect(from: $0, into: &named) } }
        var builder = LogRecordBuilder(type: .series)
        var before: [UInt8] = []
        for slot in named.sorted() where slot < slots.count {
            if builder.isEmpty { before = [] }
            builder.begin()
            withLabels(slot) { labels in
                LogCodec.append(slot, labels, after: before, to: builder.writer)
                before = (0..<labels.count).map { labels[$0] }
            }
            builder.countItem()
            slots[slot].registeredIn = UInt32(truncatingIfNeeded: sequence)
        }
        builder.finish()
        let result = ByteWriter(capacity: records.reduce(2 * builder.writer.count) { $0 + $1.count })
        for _ in 0..<2 { builder.writer.withBytes { result.put($0) } }
        for part in records { part.withBytes { result.put($0) } }
        return result
    }

    /// Collects the series that whole records have samples of.
    private static func collect(from records: Span<UInt8>, into named: inout Set<Int>) {
        var start = 0
        while start + LogCodec.frameSize <= records.count {
            let end = start + LogCodec.frameSize + Int(records.uint32(at: start + 4))
            let payload = records.extracting((start + LogCodec.frameSize)..<end)
            switch LogRecordType(rawValue: records[start + 12]) {
            case .samples: _ = LogCodec.readSamples(payload) { slot, _, _ in named.insert(slot) }
            case .histograms: _ = LogCodec.readHistograms(payload) { slot, _, _ in named.insert(slot) }
            case .series, .exemplars, .oldSeries, .oldSamples, nil: break
            }
            start = end
        }
    }
}
