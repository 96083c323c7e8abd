import MartletCore
import MartletSeries

extension Head {
    /// What became of one sample.
    enum Outcome {
        /// It is new and must be logged.
        case taken
        /// The very same sample is there already.
        case repeated
        /// It is refused.
        case refused(AppendResult.Reason)
    }

    /// What one call knows of its caller.
    private struct Turn {
        var oldest: Int64
        var latest: Int64
        var previous: Int?
        var column = UInt32.max
        var owner: UInt32
        var seriesMax: Int
    }

    /// Takes a batch and writes what is new to the pending log.
    ///
    /// - Returns: What became of the samples, and the ticket of the log that covers them.
    /// - Complexity: O(*n*) in the number of samples; no allocation for those of known series.
    mutating func append(
        _ batch: borrowing SampleBatch,
        _ labels: Span<UInt8>,
        _ session: inout WriteSession,
        now: Int64,
        oldest: Int64
    ) -> (result: AppendResult, ticket: UInt64) {
        var result = AppendResult(appended: 0)
        if began == nil { began = now }
        if session.owner == 0 { session.owner = owners.number(of: session.origin) }
        var turn = Turn(
            oldest: oldest,
            latest: now + limits.futureAllowance,
            previous: session.generation == generation && session.previous != .max ? Int(session.previous) : nil,
            owner: session.owner,
            seriesMax: session.seriesMax ?? limits.seriesOfOriginMax
        )
        let entries = batch.entries.span
        let timestamps = batch.timestamps.span
        let values = batch.values.span
        let hasHistograms = !batch.histograms.isEmpty
        var first = 0
        for index in 0..<entries.count {
            let entry = entries[index]
            let end = Int(entry.sampleEnd)
            let labelsEnd = Int(entry.labelsStart) + Int(entry.labelsCount)
            guard first < end else { continue }
            guard labelsEnd <= labels.count else {
                refuse(first..<end, .invalidLabels, &result)
                first = end
                continue
            }
            let bytes = labels.extracting(Int(entry.labelsStart)..<labelsEnd)
            var slot = predicted(bytes, after: turn.previous)
            for sample in first..<end {
                let timestamp = timestamps[sample]
                var outcome = Outcome.taken
                if timestamp > turn.latest {
                    outcome = .refused(.tooFarInFuture)
                } else if timestamp < turn.oldest {
                    outcome = .refused(.tooOld)
                } else {
                    if slot == nil {
                        switch find(bytes, timestamp, turn, origin: session.origin) {
                        case .success(let found): slot = found
                        case .failure(let refusal):
                            refuse(sample..<end, refusal.reason, &result)
                        }
                    }
                    guard let slot else { break }
                    let histogram = hasHistograms ? batch.histograms[sample] : nil
                    outcome = store(
                        timestamp,
                        values[sample],
                        histogram,
                        slot,
                        window: limits.outOfOrderWindow,
                        column: &turn.column
                    )
                    if case .taken = outcome { note(slot, timestamp, values[sample], histogram) }
                }
                switch outcome {
                case .taken, .repeated: result.appended += 1
                case .refused(let reason): refuse(sample..<(sample + 1), reason, &result)
                }
            }
            if let slot {
                if let previous = turn.previous, slots[previous].successor != UInt32(slot) {
                    slots[previous].successor = UInt32(slot)
                }
                turn.previous = slot
            }
            first = end
        }
        session.previous = turn.previous.map { UInt32($0) } ?? .max
        session.generation = generation
        appended += result.appended
        log.finishBatch()
        return (result, log.ticket)
    }

    private mutating func refuse(_ samples: Range<Int>, _ reason: AppendResult.Reason, _ result: inout AppendResult) {
        for sample in samples { result.rejections.append(.init(index: sample, reason: reason)) }
        rejected[reason, default: 0] += samples.count
    }

    /// The slot that followed the previous one last time, if it is that of some label bytes.
    @inline(__always)
    private func predicted(_ labels: Span<UInt8>, after previous: Int?) -> Int? {
        guard let previous, previous < slots.count else { return nil }
        let guess = Int(slots[previous].successor)
        guard guess < slots.count, isSeries(guess, labels) else { return nil }
        return guess
    }

    /// A refusal of a whole series.
    private struct Refusal: Error {
        var reason: AppendResult.Reason
    }

    /// The slot of a series, made where there is none and limits allow it.
    private mutating func find(
        _ labels: Span<UInt8>,
        _ timestamp: Int64,
        _ turn: Turn,
        origin: String
    ) -> Result<Int, Refusal> {
        let hash = ByteHash.hash(labels, seed: seed)
        if let slot = slot(of: labels, hash: hash) { return .success(slot) }
        switch LabelForm(labels, limits: limits.labels) {
        case .invalid:
            offenders.note("labels") { origin }
            return .failure(Refusal(reason: .invalidLabels))
        case .canonical: return insertWithinLimits(labels, hash, timestamp, turn, origin)
        case .rewritten(let bytes):
            let hash = ByteHash.hash(bytes.span, seed: seed)
            if let slot = slot(of: bytes.span, hash: hash) { return .success(slot) }
            return insertWithinLimits(bytes.span, hash, timestamp, turn, origin)
        }
    }

    private mutating func insertWithinLimits(
        _ labels: Span<UInt8>,
        _ hash: UInt64,
        _ timestamp: Int64,
        _ turn: Turn,
        _ origin: String
    ) -> Result<Int, Refusal> {
        guard liveCount < limits.seriesMax else {
            offenders.note("series of the server") { origin }
            return .failure(Refusal(reason: .seriesLimit))
        }
        if turn.owner != 0, owners.count(of: turn.owner) >= turn.seriesMax {
            offenders.note("series of a target or sender") { origin }
            return .failure(Refusal(reason: .targetSeriesLimit))
        }
        if seriesOfMetric.count > 0, limits.seriesOfMetricMax < limits.seriesMax {
            let name = LabelBytes.decode(labels)?.metricName ?? ""
            if let symbol = table.symbols.number(of: name),
                seriesOfMetric[symbol] ?? 0 >= limits.seriesOfMetricMax
            {
                offenders.note("series of a metric") { name }
                return .failure(Refusal(reason: .metricSeriesLimit))
            }
        }
        return .success(insert(labels, hash: hash, timestamp: timestamp, owner: turn.owner))
    }

    /// Logs a sample that was taken.
    @inline(__always)
    private mutating func note(_ slot: Int, _ timestamp: Int64, _ value: Double, _ histogram: NativeHistogram?) {
        if slots[slot].registeredIn != UInt32(truncatingIfNeeded: log.sequence) { register(slot) }
        if let histogram {
            log.append(slot, timestamp, histogram)
        } else {
            log.append(slot, timestamp, value)
        }
    }

    mutating func register(_ slot: Int) {
        let known = slots[slot]
        arena.withPiece(Int(known.labels), Int(known.labelsCount)) { log.register(slot, $0) }
        slots[slot].registeredIn = UInt32(truncatingIfNeeded: log.sequence)
    }

    /// Puts a sample in its place without logging it.
    @inline(__always)
    mutating func store(
        _ timestamp: Int64,
        _ value: Double,
        _ histogram: NativeHistogram?,
        _ index: Int,
        window: Int64,
        column: inout UInt32
    ) -> Outcome {
        let slot = slots[index]
        guard timestamp > slot.newest else {
            return storeLate(timestamp, value, histogram, index, window: window)
        }
        columns.append(index, timestamp, value, hint: &column)
        slots.update(index) { slot in
            slot.newest = timestamp
            slot.newestBits = value.bitPattern
            slot.hasNewest = true
        }
        if let histogram { columns.setHistogram(index, timestamp, histogram) }
        return .taken
    }

    private mutating func storeLate(
        _ timestamp: Int64,
        _ value: Double,
        _ histogram: NativeHistogram?,
        _ index: Int,
        window: Int64
    ) -> Outcome {
        let slot = slots[index]
        if timestamp == slot.newest, slot.hasNewest, histogram == nil {
            return slot.newestBits == value.bitPattern ? .repeated : .refused(.duplicate)
        }
        if timestamp < slot.newest, slot.newest - timestamp > window { return .refused(.outOfOrder) }
        if let stored = stored(index, at: timestamp) {
            let isSame =
                stored.histogram == histogram && (histogram != nil || stored.value.bitPattern == value.bitPattern)
            return isSame ? .repeated : .refused(.duplicate)
        }
        columns.insertLate(index, timestamp, value)
        if let histogram { columns.setHistogram(index, timestamp, histogram) }
        return .taken
    }

    /// The sample of a series at a time, in memory or in a segment.
    private func stored(_ index: Int, at timestamp: Int64) -> (value: Double, histogram: NativeHistogram?)? {
        if let value = columns.value(index, at: timestamp) { return (value, columns.histogram(index, timestamp)) }
        return withLabels(index) { labels in
            var found = SeriesColumns()
            if let frozen, let slot = frozen.table.find(labels) {
                frozen.columns.read(Int(slot), in: timestamp...timestamp, into: &found)
            }
            for segment in segments where found.timestamps.isEmpty && segment.overlaps(timestamp...timestamp) {
                guard let (family, row) = segment.find(labels) else { continue }
                var reader = SegmentReader(segment, codec: ChunkCodec())
                _ = reader.read(segment.families[family], row, in: timestamp...timestamp, into: &found)
            }
            guard let value = found.values.first else { return nil }
            return (value, found.histograms.first ?? nil)
        }
    }
}
