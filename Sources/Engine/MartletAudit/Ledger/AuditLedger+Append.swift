import MartletCore
import MartletFiles
import MartletLogging
import Synchronization

extension AuditLedger {
    /// Appends events, one commit for all who wait; when this returns they are durable as configured.
    ///
    /// - Returns: The number of the first event; the others follow it.
    /// - Throws: ``AuditError`` where nothing of them was written: what they tell of should not go on then.
    /// - Complexity: O(*n*) in the bytes; one write, and one sync, for all who wait.
    @discardableResult
    package func append(_ events: [[UInt8]]) throws(AuditError) -> UInt64 {
        guard !events.isEmpty else { throw .invalid("there is no event to append") }
        var byteCount = 0
        for event in events {
            guard event.count <= configuration.eventBytesMax else {
                throw .invalid(
                    "an event has \(event.count) bytes, more than the limit of \(configuration.eventBytesMax)"
                )
            }
            byteCount += event.count
        }
        let (batch, offset) = try pending.withLock { pending throws(AuditError) in
            guard pending.byteCount + byteCount <= configuration.pendingBytesMax else {
                throw .unavailable(
                    "\(pending.byteCount) bytes of audit events wait for the disk already; try again when it has caught up"
                )
            }
            defer {
                pending.events += events
                pending.byteCount += byteCount
            }
            return (pending.batch, UInt64(pending.events.count))
        }
        var heads: [AuditHead] = []
        writer.withLock { state in
            // Another caller may have written it while this one waited.
            guard batch.result.withLock({ $0 == nil }) else { return }
            let taken = pending.withLock { pending in
                defer { pending = Pending() }
                return pending
            }
            let result: Result<UInt64, AuditError>
            do throws(AuditError) {
                result = .success(try commit(taken.events, &state))
                heads = sealIfDue(&state)
            } catch {
                result = .failure(error)
            }
            taken.batch.result.withLock { $0 = result }
        }
        for head in heads { publish(head) }
        guard let result = batch.result.withLock({ $0 }) else {
            throw .unavailable("the audit ledger lost track of a batch")
        }
        return try result.get() + offset
    }

    /// Writes one commit; for the holder of the writer's lock.
    func commit(_ events: [[UInt8]], _ state: inout AuditState) throws(AuditError) -> UInt64 {
        try requireOpen(state)
        do throws(FileError) {
            if state.failure != nil { try sealNow(&state) }
            if state.active == nil { try begin(&state) }
            guard var active = state.active, let file = active.file else {
                throw FileError(code: FileError.inputOutput, operation: "write", path: files.blocks)
            }
            let first = state.lastEvent + 1
            let leaves = events.enumerated().map { chain.leaf(first + UInt64($0.offset), $0.element.span) }
            // A clock that was set back does not make the ledger go back.
            let time = max(clock.nanosecondsSinceEpoch, state.lastTime)
            let payload = AuditCommit.payload(
                state.lastCommit + 1,
                time: time,
                firstEvent: first,
                events,
                leaves: leaves
            )
            let hash = chain.commit(state.lastCommitHash, payload.span)
            let frame = AuditCommit.frame(AuditCommit.marker, payload, hash: hash)
            try file.write(frame.span)
            if configuration.isSynced { try file.sync() }
            if active.commits == 0 { active.firstTime = time }
            active.commits += 1
            active.leaves += leaves
            active.lastTime = time
            active.byteCount += frame.count
            state.active = active
            state.lastCommit += 1
            state.lastCommitHash = hash
            state.lastEvent += UInt64(events.count)
            state.lastTime = time
            return first
        } catch {
            state.failures += 1
            if state.failure == nil {
                logger.error("audit events are refused", ["error": .string("\(error); \(error.remedy)")])
            }
            // Nothing is known of the file's end now; the next commit seals what was acknowledged and begins another.
            state.failure = "\(error); \(error.remedy)"
            throw unavailable(error)
        }
    }

    private func begin(_ state: inout AuditState) throws(FileError) {
        let header = AuditBlockHeader(
            number: state.lastBlock + 1,
            firstCommit: state.lastCommit + 1,
            firstEvent: state.lastEvent + 1,
            previousBlock: state.lastBlockHash,
            previousCommit: state.lastCommitHash
        )
        let path = files.path(header.number, .open)
        try files.fileSystem.remove(path)
        let file = try files.fileSystem.create(path)
        do throws(FileError) {
            try file.write(header.bytes.span)
            if configuration.isSynced {
                try file.sync()
                try files.fileSystem.syncDirectory(files.blocks)
            }
        } catch {
            // What is left is removed by the next try.
            try? file.close()
            throw error
        }
        state.active = AuditState.Active(header: header, file: file, byteCount: header.bytes.count)
        state.failure = nil
    }

    /// Seals the block that is open, whatever became of its file's end.
    func sealNow(_ state: inout AuditState) throws(FileError) {
        guard let active = state.active else {
            state.failure = nil
            return
        }
        guard active.commits > 0 else {
            try? active.file?.close()
            state.active = nil
            state.failure = nil
            return
        }
        let (block, hash) = try AuditSealing(files: files, chain: chain).seal(active, lastCommit: state.lastCommitHash)
        try? active.file?.close()
        state.blocks.append(block)
        state.lastBlock = block.summary.header.number
        state.lastBlockHash = hash
        state.active = nil
        state.failure = nil
    }
}
