import MartletCore
import MartletFiles
import MartletLogging
import Synchronization

extension EventStore {
    /// Takes a record's events into memory and its bytes into the log; when this returns they survive the process.
    ///
    /// - Parameters:
    ///   - payload: What ``ActiveEvents/replay(_:)`` makes the same events of.
    ///   - body: Puts the events in; writers and readers wait meanwhile. Where it gives `nil`, nothing is logged.
    /// - Returns: What `body` gave.
    /// - Throws: ``EventError`` `unavailable` while the disk is full or failing; the events may be there nevertheless.
    package func append<Result>(
        _ payload: Span<UInt8>,
        _ body: (inout Kind.Active) -> Result?
    ) throws(EventError) -> Result? {
        try requireOpen()
        guard payload.count <= EventLogCodec.payloadMax else {
            throw .unavailable("a record of \(payload.count) bytes is over the limit of \(EventLogCodec.payloadMax)")
        }
        if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
        try prepareLog()
        let (result, ticket, isDue) = head.withLock { head -> (Result?, UInt64, Bool) in
            guard let result = body(&head.active) else { return (nil, 0, false) }
            head.ticket += 1
            EventLogCodec.append(payload, ticket: head.ticket, to: &head.pending)
            if head.activeSince == nil { head.activeSince = clock.millisecondsSinceEpoch }
            return (result, head.ticket, isFull(head.active))
        }
        guard result != nil else { return nil }
        try commit(ticket)
        if isDue { try makeRoom() }
        return result
    }

    private func isFull(_ active: Kind.Active) -> Bool {
        active.count >= configuration.activeEventsMax || active.byteCount >= configuration.activeBytesMax
    }

    /// Begins the first log file, which a store that is only read never needs.
    private func prepareLog() throws(EventError) {
        guard !hasLog.load(ordering: .acquiring) else { return }
        try writer.withLock { writer throws(EventError) in
            guard writer.current == nil, writer.failure == nil else { return }
            do throws(FileError) {
                try writer.begin(sequence: nextSequence(writer), salt: randomSalt())
            } catch {
                noteFailure(error)
                throw unavailable(error)
            }
        }
        hasLog.store(true, ordering: .releasing)
    }

    /// Waits until the log has everything up to a ticket: whoever comes first writes for all.
    private func commit(_ ticket: UInt64) throws(EventError) {
        try writer.withLock { writer throws(EventError) in
            guard writer.writtenTicket < ticket else { return }
            if let failure = writer.failure { throw .unavailable(failure) }
            do throws(FileError) {
                try writer.write(head.withLock { Self.take(&$0) })
            } catch {
                noteFailure(error)
                throw unavailable(error)
            }
            if let current = writer.current, current.byteCount >= configuration.logFileBytesMax {
                // What was written stays acknowledged; if no new file can be had, the next write says so.
                try? rotate(&writer)
            }
        }
        askForSync()
    }

    /// Takes what is pending; it must be written or kept.
    static func take(_ head: inout Head) -> EventLog.Portion {
        let portion = EventLog.Portion(records: head.pending, ticket: head.ticket)
        head.pending = []
        return portion
    }

    /// Seals when memory holds as much as it should; whoever brought the last event does the work.
    private func makeRoom() throws(EventError) {
        let isDone: Void? = maintenance.withLockIfAvailable { maintenance in
            guard head.withLock({ isFull($0.active) }) else { return }
            do throws(EventError) { try seal(&maintenance) } catch { warn(error) }
        }
        guard isDone == nil else { return }
        // Somebody is sealing. Once there is twice as much as there should be, writers wait for that.
        guard head.withLock({ isOverfull($0.active) }) else { return }
        try maintenance.withLock { maintenance throws(EventError) in
            guard head.withLock({ isOverfull($0.active) }) else { return }
            try seal(&maintenance)
        }
    }

    private func isOverfull(_ active: Kind.Active) -> Bool {
        active.count >= 2 * configuration.activeEventsMax || active.byteCount >= 2 * configuration.activeBytesMax
    }

    func warn(_ error: EventError) {
        logger.warn("events could not be sealed; it is tried again", ["error": .string("\(error)")])
    }

    /// Ends the log file and begins the next.
    private func rotate(_ writer: inout EventLog) throws(EventError) {
        do throws(FileError) {
            try writer.write(head.withLock { Self.take(&$0) })
            try writer.begin(sequence: nextSequence(writer), salt: randomSalt())
        } catch {
            noteFailure(error)
            throw unavailable(error)
        }
    }

    /// Ends the log file and freezes what memory holds, so that exactly that is in the files before the next.
    ///
    /// Writers wait for the disk at the end of this; most is written before.
    func freeze(_ writer: inout EventLog) throws(EventError) {
        let sequence = nextSequence(writer)
        do throws(FileError) {
            try writer.write(head.withLock { Self.take(&$0) })
            try writer.sync()
            try head.withLock { head throws(FileError) in
                try writer.write(Self.take(&head))
                try writer.begin(sequence: sequence, salt: randomSalt())
                var events = head.active
                head.active = kind.makeActive(after: events)
                events.freeze()
                head.frozen = Frozen(events: events, logSequence: sequence)
                head.activeSince = nil
            }
        } catch {
            noteFailure(error)
            throw unavailable(error)
        }
    }

    /// Tries to write again, if the last try was long enough ago.
    func recoverIfDue() throws(EventError) {
        let isDue = retryAt.withLock { instant in
            guard ContinuousClock.now >= instant else { return false }
            instant = .now + configuration.retryInterval
            return true
        }
        try writer.withLock { writer throws(EventError) in
            guard let failure = writer.failure else { return }
            guard isDue else { throw .unavailable(failure) }
            try recover(&writer)
        }
    }

    /// Begins a new log file with everything that the failed one may lack.
    func recover(_ writer: inout EventLog) throws(EventError) {
        writer.keep(head.withLock { Self.take(&$0) })
        do throws(FileError) {
            try writer.begin(sequence: nextSequence(writer), salt: randomSalt())
        } catch {
            noteFailure(error)
            throw unavailable(error)
        }
        isFailing.store(false, ordering: .relaxed)
        logger.info("the log can be written again", ["directory": .string(configuration.directory)])
    }

    func nextSequence(_ writer: EventLog) -> UInt64 {
        max(writer.lastSequence, sealedSequence.load(ordering: .relaxed)) + 1
    }

    /// Remembers that the log failed, and tells it once.
    func noteFailure(_ error: FileError) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        retryAt.withLock { $0 = .now + configuration.retryInterval }
        logger.error("the log cannot be written; events are refused", ["error": .string("\(error); \(error.remedy)")])
    }

    func unavailable(_ error: FileError) -> EventError { .unavailable("\(error); \(error.remedy)") }
}
