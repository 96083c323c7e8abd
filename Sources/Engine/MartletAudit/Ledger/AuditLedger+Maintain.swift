import MartletCore
import MartletFiles
import MartletLogging
import Synchronization

extension AuditLedger {
    /// Seals, writes checkpoints and deletes what is due; for a loop, every few seconds.
    package func maintain() {
        var heads: [AuditHead] = []
        writer.withLock { state in
            guard !state.isClosed else { return }
            heads += sealIfDue(&state)
            deleteBlocks(&state)
            let now = clock.nanosecondsSinceEpoch
            guard
                now - state.checkpointTime >= configuration.checkpointInterval.nanoseconds || now < state.checkpointTime
            else {
                return
            }
            do throws(AuditError) { heads += try writeCheckpoint(&state) } catch {
                warn("a checkpoint was not written", error)
            }
        }
        for head in heads { publish(head) }
    }

    /// Writes a checkpoint now, where anything happened since the last.
    ///
    /// - Returns: The last checkpoint; `nil` where nothing ever happened.
    /// - Throws: ``AuditError`` when it cannot be made durable.
    @discardableResult
    package func checkpoint() throws(AuditError) -> AuditHead? {
        let (head, isNew) = try writer.withLock { state throws(AuditError) in
            try requireOpen(state)
            let written = try writeCheckpoint(&state)
            return (state.lastHead, !written.isEmpty)
        }
        if let head, isNew { publish(head) }
        return head
    }

    /// Seals the open block now, and writes a checkpoint.
    ///
    /// - Throws: ``AuditError`` when that cannot be made durable.
    package func sealOpenBlock() throws(AuditError) {
        let heads = try writer.withLock { state throws(AuditError) in
            try requireOpen(state)
            return try seal(&state)
        }
        for head in heads { publish(head) }
    }

    func seal(_ state: inout AuditState) throws(AuditError) -> [AuditHead] {
        do throws(FileError) { try sealNow(&state) } catch { throw unavailable(error) }
        return try writeCheckpoint(&state)
    }

    func sealIfDue(_ state: inout AuditState) -> [AuditHead] {
        guard let active = state.active, active.commits > 0 else { return [] }
        let age = clock.nanosecondsSinceEpoch - active.firstTime
        guard
            active.leaves.count >= configuration.blockEventsMax || active.byteCount >= configuration.blockBytesMax
                || age >= configuration.blockAgeMax.nanoseconds
        else { return [] }
        do throws(AuditError) {
            return try seal(&state)
        } catch {
            warn("a block of the audit ledger was not sealed; it is tried again", error)
            return []
        }
    }

    func currentHead(_ state: AuditState) -> AuditHead {
        AuditHead(
            ledger: state.ledger,
            epoch: state.key.epoch,
            time: max(clock.nanosecondsSinceEpoch, state.lastTime),
            block: state.lastBlock,
            blockHash: state.lastBlockHash,
            commit: state.lastCommit,
            commitHash: state.lastCommitHash,
            events: state.lastEvent
        )
    }

    /// Writes a checkpoint where anything happened since the last, then replaces the key by its successor.
    func writeCheckpoint(_ state: inout AuditState) throws(AuditError) -> [AuditHead] {
        state.checkpointTime = clock.nanosecondsSinceEpoch
        guard state.lastCommit > 0,
            state.lastHead?.commit != state.lastCommit || state.lastHead?.block != state.lastBlock
        else {
            return []
        }
        let head = currentHead(state).authenticated(chain.hashing, key: state.key.key)
        do throws(FileError) {
            let file = try checkpointFile(&state)
            do throws(FileError) {
                try file.write(Array((head.line + "\n").utf8).span)
                try file.sync()
            } catch {
                // The file is begun anew by the next checkpoint.
                try? file.close()
                state.checkpointFile = nil
                throw error
            }
            state.lastHead = head
            let next = state.key.next(chain)
            try files.replace(files.key, with: Array((next.line + "\n").utf8))
            state.key = next
        } catch {
            throw unavailable(error)
        }
        return [head]
    }

    /// The file that checkpoints are appended to: written anew with the old ones when the first is due.
    private func checkpointFile(_ state: inout AuditState) throws(FileError) -> any WritableFile {
        if let file = state.checkpointFile { return file }
        var lines: [UInt8] = []
        for line in (try files.read(files.checkpoints) ?? []).split(separator: 0x0a)
        where AuditHead(line: String(decoding: line, as: UTF8.self)) != nil {
            lines += line
            lines.append(0x0a)
        }
        let temporary = files.checkpoints + ".tmp"
        try files.fileSystem.remove(temporary)
        let file = try files.fileSystem.create(temporary)
        if !lines.isEmpty { try file.write(lines.span) }
        try file.sync()
        try files.fileSystem.rename(temporary, to: files.checkpoints)
        try files.fileSystem.syncDirectory(configuration.directory)
        state.checkpointFile = file
        return file
    }

    // MARK: Retention

    /// Deletes the events of blocks that are too old or too much and not held; their tombstones stay.
    private func deleteBlocks(_ state: inout AuditState) {
        let now = clock.nanosecondsSinceEpoch
        var bytes = state.byteCount
        for block in state.blocks {
            let isOld = configuration.retention.map { now - block.summary.lastTime > $0.nanoseconds } ?? false
            let isMuch = configuration.bytesMax.map { bytes > $0 } ?? false
            guard isOld || isMuch else { continue }
            let isHeld = state.holds.contains {
                $0.start <= block.summary.lastTime && $0.end >= block.summary.firstTime
            }
            guard !isHeld else { continue }
            do throws(AuditError) {
                try delete(block, reason: isOld ? "older than the retention" : "over the limit of bytes", &state)
                bytes -= block.byteCount
            } catch {
                warn("a block of the audit ledger was not deleted; it is tried again", error)
                return
            }
        }
    }

    private func delete(_ block: AuditState.Block, reason: String, _ state: inout AuditState) throws(AuditError) {
        let number = block.summary.header.number
        let tombstone = AuditTombstone(
            summary: block.summary,
            hash: block.hash,
            deleted: clock.nanosecondsSinceEpoch,
            reason: reason
        )
        do throws(FileError) {
            try files.replace(files.path(number, .tombstone), with: Array(tombstone.text.utf8))
            try files.fileSystem.remove(files.path(number, .block))
            try files.fileSystem.syncDirectory(files.blocks)
        } catch {
            throw unavailable(error)
        }
        state.blocks.removeAll { $0.summary.header.number == number }
        state.blocksDeleted += 1
        // That events were deleted is itself an event.
        let event = AuditEvent(
            actor: "martlet",
            operation: "audit.retention",
            resource: "block \(number)",
            outcome: "success",
            reason: reason,
            component: "audit",
            details: [
                ("first_event", "\(block.summary.header.firstEvent)"), ("events", "\(block.summary.events)"),
                ("hash", "\(block.hash)"),
            ]
        )
        _ = try commit([event.json(time: clock.nanosecondsSinceEpoch)], &state)
    }

    // MARK: Holds

    /// The holds that are in force.
    package var holds: [AuditHold] { writer.withLock { $0.holds } }

    /// How many holds there may be.
    package static let holdsMax = 1_000

    /// Keeps the events of a period from being deleted.
    ///
    /// - Throws: ``AuditError`` where the order cannot be made durable.
    package func add(_ hold: AuditHold) throws(AuditError) {
        try writer.withLock { state throws(AuditError) in
            try requireOpen(state)
            guard state.holds.count < Self.holdsMax else {
                throw .invalid("there are \(Self.holdsMax) holds already; lift some first")
            }
            guard hold.start <= hold.end else { throw .invalid("the hold ends before it starts") }
            try save(state.holds.filter { $0.id != hold.id } + [hold], &state)
        }
    }

    /// Lifts a hold.
    ///
    /// - Throws: ``AuditError`` `notFound` where there is none of that name.
    package func removeHold(_ id: String) throws(AuditError) {
        try writer.withLock { state throws(AuditError) in
            try requireOpen(state)
            guard state.holds.contains(where: { $0.id == id }) else { throw .notFound("there is no hold \"\(id)\"") }
            try save(state.holds.filter { $0.id != id }, &state)
        }
    }

    private func save(_ holds: [AuditHold], _ state: inout AuditState) throws(AuditError) {
        var writer = JSONWriter()
        writer.array { list in
            for hold in holds { hold.write(to: &list) }
        }
        do throws(FileError) { try files.replace(files.holds, with: writer.bytes) } catch { throw unavailable(error) }
        state.holds = holds
    }

    private func warn(_ message: String, _ error: AuditError) {
        logger.warn(message, ["error": .string(error.description)])
    }
}

extension Duration {
    /// Whole nanoseconds, bounded by what 64 bits hold.
    fileprivate var nanoseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(components.attoseconds / 1_000_000_000).partialValue
    }
}
