import CMartletHost
import MartletCore
import MartletFiles
import MartletLogging
import Synchronization

extension EventStore {
    /// Seals what is due, drops what is too old or too much, and tries to write again after a failure.
    ///
    /// For a loop, every few seconds; readers and writers go on meanwhile. A failure is logged and tried again at the
    /// next call.
    package func maintain() {
        guard (try? requireOpen()) != nil else { return }
        maintenance.withLock { maintenance in
            do throws(EventError) {
                if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
                if isSealDue { try seal(&maintenance) }
            } catch {
                warn(error)
            }
            deleteLogFiles()
            dropBlocks(&maintenance)
            // One block a call, so that sealing never waits for many.
            compactIfDue(&maintenance)
            forgetBlocks(&maintenance)
        }
    }

    /// Gives back the pages of blocks that sealing and searches left in this process's memory, a few times a minute.
    ///
    /// The system keeps in its cache what it has room for, so that the next search only has to map it again.
    private func forgetBlocks(_ maintenance: inout Maintenance) {
        let now = clock.millisecondsSinceEpoch
        guard abs(now - maintenance.forgottenAt) >= 15_000 else { return }
        maintenance.forgottenAt = now
        for block in head.withLock({ $0.blocks }) { block.file.forget() }
    }

    /// Seals everything in memory, whatever its age.
    ///
    /// - Throws: ``EventError`` `unavailable` when a block cannot be written; its events stay in the log.
    package func sealAll() throws(EventError) {
        try requireOpen()
        try maintenance.withLock { maintenance throws(EventError) in
            if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
            // Twice, for what was frozen before and for what came since.
            for _ in 0..<2 { try seal(&maintenance) }
            deleteLogFiles()
        }
    }

    private var isSealDue: Bool {
        let now = clock.millisecondsSinceEpoch
        return head.withLock { head in
            if head.frozen != nil || head.active.count >= configuration.activeEventsMax { return true }
            guard let since = head.activeSince else { return false }
            return now - since >= configuration.activeAgeMax.wholeMilliseconds
        }
    }

    /// Writes one block: what was frozen before and could not be written, or what memory holds now.
    func seal(_ maintenance: inout Maintenance) throws(EventError) {
        let before = maintenance.seals
        try writeBlock(&maintenance)
        // Sealing leaves holes that nothing fills until the next time, unless the store seals many times a minute.
        let now = clock.millisecondsSinceEpoch
        guard maintenance.seals > before, abs(now - maintenance.trimmedAt) >= 10_000 else { return }
        maintenance.trimmedAt = now
        martlet_trim_heap()
    }

    private func writeBlock(_ maintenance: inout Maintenance) throws(EventError) {
        if head.withLock({ $0.frozen == nil }) {
            guard head.withLock({ $0.active.count > 0 }) else { return }
            try writer.withLock { writer throws(EventError) in
                if writer.current == nil {
                    do throws(FileError) {
                        try writer.begin(sequence: nextSequence(writer), salt: randomSalt())
                    } catch {
                        noteFailure(error)
                        throw unavailable(error)
                    }
                    hasLog.store(true, ordering: .releasing)
                }
                try freeze(&writer)
            }
        }
        guard let (block, logSequence) = try writeFrozen(&maintenance) else { return }
        let content = try kind.open(block)
        // What was read to check it need not stay in memory; searches bring back what they need.
        block.forget()
        let sealed = head.withLock { head in
            defer { head.frozen = nil }
            head.blocks.append(StoredBlock(file: block, content: content))
            return head.frozen?.events
        }
        sealed?.retire()
        maintenance.seals += 1
        sealedSequence.store(logSequence, ordering: .relaxed)
        deleteLogFiles()
    }

    /// Writes what is frozen as a block; a function of its own, so that nothing here holds the events longer.
    private func writeFrozen(_ maintenance: inout Maintenance) throws(EventError) -> (BlockFile, UInt64)? {
        guard let frozen = head.withLock({ $0.frozen }), let times = frozen.events.timeRange else { return nil }
        let target: any WritableFile
        do throws(FileError) { target = try makeBlockFile(maintenance) } catch { throw unavailable(error) }
        let file = BlockWriter(number: maintenance.nextBlock, version: kind.sealedVersion, file: target)
        frozen.events.write(to: file)
        file.finish(
            count: frozen.events.count,
            times: times,
            logSequence: frozen.logSequence,
            sealedAt: clock.millisecondsSinceEpoch
        )
        return (try publish(file, &maintenance), frozen.logSequence)
    }

    /// The path of the next block, without its ending.
    private func nextPath(_ maintenance: Maintenance) -> String {
        "\(configuration.directory)/blocks/\(EventLogCodec.padded(String(maintenance.nextBlock), 10))"
    }

    /// Makes the file that the next block is written to before it gets its name.
    private func makeBlockFile(_ maintenance: Maintenance) throws(FileError) -> any WritableFile {
        let temporary = nextPath(maintenance) + ".tmp"
        try fileSystem.remove(temporary)
        return try fileSystem.create(temporary)
    }

    /// Gives a block its name once all of it is on the disk.
    func publish(_ block: BlockWriter, _ maintenance: inout Maintenance) throws(EventError) -> BlockFile {
        let path = nextPath(maintenance) + ".block"
        let temporary = nextPath(maintenance) + ".tmp"
        let map: MappedFile
        do throws(FileError) {
            let target = if let begun = block.file { begun } else { try makeBlockFile(maintenance) }
            do throws(FileError) {
                try block.write(to: target)
                try target.sync()
                try target.close()
            } catch {
                // What is left is removed before the next try or at the next start.
                try? target.close()
                try? fileSystem.remove(temporary)
                throw error
            }
            try fileSystem.rename(temporary, to: path)
            // From here on the name is taken, whatever else fails.
            maintenance.nextBlock += 1
            try fileSystem.syncDirectory("\(configuration.directory)/blocks")
            map = try fileSystem.map(path)
        } catch {
            throw unavailable(error)
        }
        return try BlockFile(map, path: path)
    }

    private func deleteLogFiles() {
        let sequence = sealedSequence.load(ordering: .relaxed)
        writer.withLock { writer in
            do throws(FileError) {
                try writer.remove(before: sequence)
            } catch {
                logger.warn("log files could not be deleted; it is tried again", ["error": .string("\(error)")])
            }
        }
    }

    /// Deletes the blocks that are too old, then the oldest until the rest fits.
    private func dropBlocks(_ maintenance: inout Maintenance) {
        let oldest = clock.millisecondsSinceEpoch - configuration.retention.wholeMilliseconds
        let sealed = sealedSequence.load(ordering: .relaxed)
        let (logBytes, needsSealed) = writer.withLock { ($0.byteCount, $0.hasFiles(before: sealed)) }
        let (expired, evicted) = head.withLock { head in
            // The block that makes log files superfluous stays until they are gone.
            let free = head.blocks.filter { !needsSealed || $0.file.logSequence != sealed }
            let expired = free.filter { $0.file.newestTime < oldest }
            var gone = Set(expired.map(\.file.number))
            var bytes = logBytes
            for block in head.blocks where !gone.contains(block.file.number) { bytes += block.file.byteCount }
            var evicted: [StoredBlock<Kind>] = []
            for block in free.sorted(by: { $0.file.newestTime < $1.file.newestTime })
            where bytes > configuration.bytesMax && !gone.contains(block.file.number) {
                bytes -= block.file.byteCount
                gone.insert(block.file.number)
                evicted.append(block)
            }
            head.blocks.removeAll { gone.contains($0.file.number) }
            return (expired, evicted)
        }
        guard !expired.isEmpty || !evicted.isEmpty else { return }
        maintenance.expired += expired.count
        maintenance.evicted += evicted.count
        for block in expired + evicted {
            maintenance.eventsDropped += block.file.count
            maintenance.settled.remove(block.file.number)
            do throws(FileError) {
                // Who reads it still has it mapped; the space is free when the last one is done.
                try fileSystem.remove(block.file.path)
            } catch {
                logger.warn("a block could not be deleted", ["error": .string("\(error); \(error.remedy)")])
            }
        }
        try? fileSystem.syncDirectory("\(configuration.directory)/blocks")
        if !evicted.isEmpty {
            logger.warn(
                "the oldest blocks were dropped to stay under the limit of bytes",
                ["blocks": LogValue(evicted.count), "bytesMax": LogValue(configuration.bytesMax)]
            )
        }
    }
}
