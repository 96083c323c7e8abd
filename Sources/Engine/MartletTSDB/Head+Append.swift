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

    /// Takes a batch and writes what is new to the pending log.
    ///
    /// - Returns: What became of the samples, and the ticket of the log that covers them.
    mutating func append(_ batch: [IncomingSample], now: Int64) -> (result: AppendResult, ticket: UInt64) {
        var result = AppendResult(appended: 0)
        var previous: Int?
        for (index, sample) in batch.enumerated() {
            switch take(sample, now: now, after: &previous) {
            case .taken, .repeated: result.appended += 1
            case .refused(let reason):
                result.rejections.append(.init(index: index, reason: reason))
                rejected[reason, default: 0] += 1
            }
        }
        appended += result.appended
        log.finishBatch()
        return (result, log.ticket)
    }

    @inline(__always)
    private mutating func take(_ sample: IncomingSample, now: Int64, after previous: inout Int?) -> Outcome {
        if sample.timestamp > now + limits.futureAllowance { return .refused(.tooFarInFuture) }
        if sample.timestamp < now - limits.retention { return .refused(.tooOld) }
        guard let slot = find(sample.labels, after: previous) else {
            guard Self.areValid(sample.labels) else { return .refused(.invalidLabels) }
            guard liveCount < limits.seriesMax else { return .refused(.seriesLimit) }
            let hash = LabelHash.hash(sample.labels, seed: hashSeed)
            let slot = ensureSlot(of: sample.labels, hash: hash, timestamp: sample.timestamp)
            if let previous { series[previous].successor = UInt32(slot) }
            previous = slot
            return take(sample.timestamp, sample.value, slot)
        }
        if let previous { series[previous].successor = UInt32(slot) }
        previous = slot
        return take(sample.timestamp, sample.value, slot)
    }

    /// The slot of a series; first the one that followed the previous one last time is tried.
    @inline(__always)
    private func find(_ labels: LabelSet, after previous: Int?) -> Int? {
        if let previous {
            let guess = Int(series[previous].successor)
            if guess < series.count, series[guess].isLive, isSeries(guess, labels) { return guess }
        }
        return slot(of: labels, hash: LabelHash.hash(labels, seed: hashSeed))
    }

    @inline(__always)
    private mutating func take(_ timestamp: Int64, _ value: Double, _ slot: Int) -> Outcome {
        let outcome = store(timestamp, value, slot, window: limits.outOfOrderWindow)
        guard case .taken = outcome else { return outcome }
        if series[slot].registeredIn != log.sequence {
            log.register(slot, labels(of: slot))
            series[slot].registeredIn = log.sequence
        }
        log.append(slot, timestamp, value)
        return outcome
    }

    /// Puts a sample in its place without logging it.
    @inline(__always)
    mutating func store(_ timestamp: Int64, _ value: Double, _ slot: Int, window: Int64) -> Outcome {
        let newest = series[slot].newest
        if timestamp > newest {
            series[slot].append(timestamp, value)
        } else {
            if timestamp == newest, let bits = series[slot].newestBits {
                return bits == value.bitPattern ? .repeated : .refused(.duplicate)
            }
            if timestamp < newest, newest - timestamp > window { return .refused(.outOfOrder) }
            if let stored = storedValue(at: timestamp, slot) {
                return stored.bitPattern == value.bitPattern ? .repeated : .refused(.duplicate)
            }
            series[slot].insert(timestamp, value)
        }
        sampleCount += 1
        minTime = min(minTime, timestamp)
        maxTime = max(maxTime, timestamp)
        return .taken
    }

    /// The value of a series at a time, in memory or in a segment.
    private func storedValue(at timestamp: Int64, _ slot: Int) -> Double? {
        if let value = series[slot].value(at: timestamp) { return value }
        for segment in segments where segment.minTime <= timestamp && segment.maxTime >= timestamp {
            guard let place = segment.place(of: labels(of: slot)) else { continue }
            var columns = Columns()
            guard segment.read(at: place, in: timestamp...timestamp, into: &columns) else { continue }
            if let value = columns.values.first { return value }
        }
        return nil
    }

    /// Whether a label set may name a series.
    private static func areValid(_ labels: LabelSet) -> Bool {
        guard labels.count <= labelCountMax, labels.metricName != nil else { return false }
        return labels.allSatisfy {
            !$0.name.isEmpty && $0.name.utf8.count <= nameBytesMax && $0.value.utf8.count <= valueBytesMax
        }
    }
}
