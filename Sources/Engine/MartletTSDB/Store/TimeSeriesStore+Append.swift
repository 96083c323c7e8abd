import MartletCore
import MartletFiles
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
        var columns = SampleBatch()
        var labels: [UInt8] = []
        var session = WriteSession(origin: "")
        for sample in batch {
            let start = labels.count
            labels.append(contentsOf: LabelBytes.encode(sample.labels))
            columns.beginSeries(labels: start..<labels.count)
            if let histogram = sample.histogram {
                columns.add(timestamp: sample.timestamp, histogram: histogram)
            } else {
                columns.add(timestamp: sample.timestamp, value: sample.value)
            }
        }
        return try append(columns, labels: labels.span, session: &session)
    }

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
        try requireOpen()
        if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
        let now = clock.millisecondsSinceEpoch
        let oldest = timeline.oldest(now, configuration.retention)
        let (result, ticket, count) = appenders.pass {
            head.withLock { head in
                let (result, ticket) = head.append(batch, labels, &session, now: now, oldest: oldest)
                return (result, ticket, head.columns.count)
            }
        }
        if result.appended > 0 { try commit(ticket) }
        if count >= configuration.headSamplesMax { try makeRoom() }
        return result
    }

    /// Seals when memory holds as much as it should; whoever brought the last sample does the work.
    private func makeRoom() throws(SeriesError) {
        let isDone: Void? = maintenance.withLockIfAvailable { maintenance in
            guard head.withLock({ $0.columns.count >= configuration.headSamplesMax }) else { return }
            sealLoudly(&maintenance)
        }
        guard isDone == nil else { return }
        // Somebody is sealing. Once there is twice as much as there should be, writers wait for that.
        guard head.withLock({ $0.columns.count >= 2 * configuration.headSamplesMax }) else { return }
        try maintenance.withLock { maintenance throws(SeriesError) in
            guard head.withLock({ $0.columns.count >= 2 * configuration.headSamplesMax }) else { return }
            try seal(&maintenance)
        }
    }

    /// Waits until the log has everything up to a ticket: whoever comes first writes for all.
    func commit(_ ticket: UInt64) throws(SeriesError) {
        try committers.pass { () throws(SeriesError) in try commitInTurn(ticket) }
        askForSync()
    }

    private func commitInTurn(_ ticket: UInt64) throws(SeriesError) {
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
    }

    /// Ends the log file and begins the next; `body` sees the head at the very point between them.
    ///
    /// With `isExclusive`, nothing is left to be written when `body` runs, because it numbers the series anew; writers
    /// wait for the disk then.
    func rotate(
        _ writer: inout LogWriter,
        isExclusive: Bool = false,
        _ body: (inout Head) -> Void
    ) throws(SeriesError) {
        let sequence = nextSequence(writer)
        do throws(FileError) {
            let portion = try head.withLock { head throws(FileError) in
                var portion = head.log.take()
                if isExclusive {
                    try writer.write(portion)
                    if writer.durability != .os { try writer.sync() }
                    portion = head.log.take()
                }
                head.log.sequence = sequence
                body(&head)
                return portion
            }
            try writer.write(portion)
            try writer.begin(sequence: sequence, salt: randomSalt())
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
            return head.registrations(for: writer.unsynced, sequence: sequence)
        }
        do throws(FileError) {
            try writer.begin(sequence: sequence, salt: randomSalt(), with: records)
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
