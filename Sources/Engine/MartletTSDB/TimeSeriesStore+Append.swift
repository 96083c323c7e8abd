import MartletCore
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// Takes a batch; when it returns, the accepted samples are as durable as the configuration promises.
    ///
    /// Samples are refused one by one, never the batch: the good ones stay. The same sample again counts as taken.
    /// Samples of an unknown series may have any time that retention keeps; those of a known one may be older than
    /// its newest by the out-of-order window.
    ///
    /// - Parameter batch: The samples; those of one series in order of time is fastest.
    /// - Returns: How many were taken, and which were refused and why.
    /// - Throws: ``SeriesError`` `storageUnavailable` while the disk is full or failing; nothing is acknowledged then,
    ///   though samples of the batch may show up later. Sending it again is safe.
    @discardableResult
    public func append(_ batch: [IncomingSample]) throws(SeriesError) -> AppendResult {
        try requireOpen()
        if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
        let now = clock.millisecondsSinceEpoch
        let (result, ticket) = head.withLock { $0.append(batch, now: now) }
        if result.appended > 0 { try commit(ticket) }
        return result
    }

    /// Waits until the log has everything up to a ticket: whoever comes first writes for all.
    private func commit(_ ticket: UInt64) throws(SeriesError) {
        try writer.withLock { writer throws(SeriesError) in
            guard writer.writtenTicket < ticket else { return }
            if let failure = writer.failure { throw .storageUnavailable(failure) }
            do throws(FileError) {
                try writer.write(head.withLock { $0.log.take() })
            } catch {
                noteFailure(error)
                throw unavailable(error)
            }
            if let current = writer.current, current.byteCount >= configuration.logFileBytesMax {
                // What was written stays acknowledged; if no new file can be had, the next write says so.
                try? rotate(&writer) { _ in }
            }
        }
        askForSync()
    }

    /// Ends the log file and begins the next; `body` sees the head at the very point between them.
    func rotate(_ writer: inout LogWriter, _ body: (inout Head) -> Void) throws(SeriesError) {
        let sequence = nextSequence(writer)
        let portion = head.withLock { head in
            let portion = head.log.take()
            head.log.sequence = sequence
            body(&head)
            return portion
        }
        do throws(FileError) {
            try writer.write(portion)
            try writer.begin(sequence: sequence, salt: .random(in: .min ... .max), with: [])
        } catch {
            noteFailure(error)
            throw unavailable(error)
        }
    }

    /// Tries to write again, if the last try was long enough ago.
    func recoverIfDue() throws(SeriesError) {
        let isDue = retryAt.withLock { instant in
            guard ContinuousClock.now >= instant else { return false }
            instant = .now + configuration.retryInterval
            return true
        }
        try writer.withLock { writer throws(SeriesError) in
            guard let failure = writer.failure else { return }
            guard isDue else { throw .storageUnavailable(failure) }
            try recover(&writer)
        }
    }

    /// Begins a new log file with everything that the failed one may lack.
    func recover(_ writer: inout LogWriter) throws(SeriesError) {
        let sequence = nextSequence(writer)
        let records = head.withLock { head in
            writer.keep(head.log.take())
            return head.registrations(for: writer.unfinished, sequence: sequence) + writer.unfinished
        }
        do throws(FileError) {
            try writer.begin(sequence: sequence, salt: .random(in: .min ... .max), with: records)
        } catch {
            noteFailure(error)
            throw unavailable(error)
        }
        isFailing.store(false, ordering: .relaxed)
        logger.info("the log can be written again", ["directory": .string(configuration.directory)])
    }

    func nextSequence(_ writer: LogWriter) -> UInt64 {
        max(head.withLock { $0.log.sequence }, writer.current?.sequence ?? 0) + 1
    }

    /// Remembers that the log failed, and tells it once.
    func noteFailure(_ error: FileError) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        retryAt.withLock { $0 = .now + configuration.retryInterval }
        logger.error("the log cannot be written; samples are refused", ["error": .string("\(error); \(error.remedy)")])
    }

    func unavailable(_ error: FileError) -> SeriesError {
        .storageUnavailable("\(error); \(error.remedy)")
    }
}

extension Head {
    /// The records that tell the labels of all series in some sample records, for a new log file.
    mutating func registrations(for records: [UInt8], sequence: UInt64) -> [UInt8] {
        log.sequence = sequence
        var slots: Set<Int> = []
        var start = 0
        let bytes = records.span
        while start + LogCodec.frameSize <= bytes.count {
            let end = start + LogCodec.frameSize + Int(bytes.uint32(at: start + 4))
            if bytes[start + 12] == LogRecordType.samples.rawValue {
                let payload = bytes.extracting((start + LogCodec.frameSize)..<end)
                _ = LogCodec.readSamples(payload) { slot, _, _ in slots.insert(slot) }
            }
            start = end
        }
        var builder = LogRecordBuilder(type: .series)
        for slot in slots.sorted() {
            let labels = labels(of: slot)
            builder.add { LogCodec.appendSeries(slot, labels, to: &$0) }
            if builder.isFull { builder.finish() }
            series[slot].registeredIn = sequence
        }
        builder.finish()
        return builder.bytes + builder.bytes
    }
}
