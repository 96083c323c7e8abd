extension Head {
    /// Sample records with, before them, the labels of all series in them, for a new log file.
    mutating func registrations(for records: ByteWriter, sequence: UInt64) -> ByteWriter {
        log.sequence = sequence
        var named: Set<Int> = []
        records.withBytes { bytes in
            var start = 0
            while start + LogCodec.frameSize <= bytes.count {
                let end = start + LogCodec.frameSize + Int(bytes.uint32(at: start + 4))
                let payload = bytes.extracting((start + LogCodec.frameSize)..<end)
                switch LogRecordType(rawValue: bytes[start + 12]) {
                case .samples: _ = LogCodec.readSamples(payload) { slot, _, _ in named.insert(slot) }
                case .histograms: _ = LogCodec.readHistograms(payload) { slot, _, _ in named.insert(slot) }
                case .series, .exemplars, .oldSeries, .oldSamples, nil: break
                }
                start = end
            }
        }
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
        let result = ByteWriter(capacity: 2 * builder.writer.count + records.count)
        for _ in 0..<2 { builder.writer.withBytes { result.put($0) } }
        records.withBytes { result.put($0) }
        return result
    }
}
