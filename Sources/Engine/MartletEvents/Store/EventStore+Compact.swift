import MartletCore
import MartletFiles
import MartletLogging
import Synchronization

// Blocks that are old enough are written anew: several small ones beside each other as one, others by themselves in their
// smaller form, where the kind of events has one. The new file is whole on the disk under its own number before the old
// ones go, and names those it stands for, so that a stop in between leaves no event twice and none away.

extension EventStore {
    /// How many blocks it takes to make one of them, so that an event is written anew only a few times.
    static var mergedBlocksMin: Int { 4 }

    /// How many blocks are made one at most.
    static var mergedBlocksMax: Int { 16 }

    /// Writes what is due anew: one block, or several as one.
    ///
    /// - Returns: Whether anything was looked at; then there may be more.
    func compactOne(_ maintenance: inout Maintenance, age: Duration) throws(EventError) -> Bool {
        let (start, before) = (ContinuousClock.now, maintenance.compactions)
        defer {
            if maintenance.compactions > before {
                maintenance.compactionSeconds += (ContinuousClock.now - start) / .seconds(1)
            }
        }
        do throws(EventError) {
            return try compactNext(&maintenance, age: age)
        } catch {
            maintenance.compactionFailures += 1
            throw error
        }
    }

    private func compactNext(_ maintenance: inout Maintenance, age: Duration) throws(EventError) -> Bool {
        let newest = clock.millisecondsSinceEpoch - age.wholeMilliseconds
        let old = head.withLock { $0.blocks }.filter { $0.file.sealedAt <= newest }
        if let group = mergeable(old, maintenance), try merge(group, &maintenance) { return true }
        guard let next = old.first(where: { !maintenance.settled.contains($0.file.number) }) else { return false }
        let writer = BlockWriter(number: maintenance.nextBlock, version: BlockFile.coldVersion)
        // Its damage is told to whoever reads it; as it is, what is whole of it can still be read.
        maintenance.settled.insert(next.file.number)
        guard !next.file.isCold, try kind.writeCold(next.content, to: writer) else {
            return true
        }
        try replace([next], writer, &maintenance)
        return true
    }

    /// Several small blocks beside each other, as many as make one that is not too large.
    private func mergeable(_ blocks: [StoredBlock<Kind>], _ maintenance: Maintenance) -> [StoredBlock<Kind>]? {
        // A block goes when its newest event is too old; it must not keep others for much longer.
        let span = configuration.retention.wholeMilliseconds / 16
        var (group, count): ([StoredBlock<Kind>], Int) = ([], 0)
        for block in blocks {
            let isSmall = block.file.count <= configuration.activeEventsMax / Self.mergedBlocksMin
            let first = group.first ?? block
            if isSmall, !maintenance.unmergeable.contains(block.file.number), group.count < Self.mergedBlocksMax,
                count + block.file.count <= configuration.activeEventsMax,
                abs(block.file.newestTime - first.file.newestTime) <= span
            {
                group.append(block)
                count += block.file.count
                continue
            }
            if group.count >= Self.mergedBlocksMin { return group }
            (group, count) =
                isSmall && !maintenance.unmergeable.contains(block.file.number)
                ? ([block], block.file.count) : ([], 0)
        }
        return group.count >= Self.mergedBlocksMin ? group : nil
    }

    private func merge(
        _ group: [StoredBlock<Kind>],
        _ maintenance: inout Maintenance
    ) throws(EventError) -> Bool {
        let writer = BlockWriter(number: maintenance.nextBlock, version: BlockFile.coldVersion)
        do throws(EventError) {
            if try kind.merge(group.map(\.content), to: writer) {
                try replace(group, writer, &maintenance)
                return true
            }
        } catch .damaged(let message) {
            logger.warn("blocks could not be made one; they stay as they are", ["error": .string(message)])
        }
        for block in group { maintenance.unmergeable.insert(block.file.number) }
        return false
    }

    /// Puts a new block in the place of others.
    private func replace(
        _ old: [StoredBlock<Kind>],
        _ writer: BlockWriter,
        _ maintenance: inout Maintenance
    ) throws(EventError) {
        guard let last = old.last else { return }
        writer.addReplaced(old.map(\.file.number))
        let times = old.dropLast().reduce(last.file.times) { range, block in
            min(range.lowerBound, block.file.times.lowerBound)...max(range.upperBound, block.file.times.upperBound)
        }
        writer.finish(
            count: old.reduce(0) { $0 + $1.file.count },
            times: times,
            logSequence: last.file.logSequence,
            sealedAt: last.file.sealedAt
        )
        let file = try publish(writer, &maintenance)
        let content: Kind.Block
        do throws(EventError) {
            content = try kind.open(file)
            // What was written is read once, before the only other copy goes.
            try file.verify()
        } catch {
            try? fileSystem.remove(file.path)
            throw error
        }
        let numbers = Set(old.map(\.file.number))
        head.withLock { head in
            guard let place = head.blocks.lastIndex(where: { numbers.contains($0.file.number) }) else { return }
            head.blocks[place] = StoredBlock(file: file, content: content)
            head.blocks.removeAll { numbers.contains($0.file.number) }
        }
        for number in numbers {
            maintenance.settled.remove(number)
            maintenance.unmergeable.remove(number)
        }
        maintenance.settled.insert(file.number)
        maintenance.compactions += 1
        maintenance.compactionBytesRead += old.reduce(0) { $0 + $1.file.byteCount }
        maintenance.compactionBytesWritten += file.byteCount
        do throws(FileError) {
            // Who reads them still has them mapped.
            for block in old { try fileSystem.remove(block.file.path) }
            try fileSystem.syncDirectory("\(configuration.directory)/blocks")
        } catch {
            logger.warn("a block could not be deleted", ["error": .string("\(error); \(error.remedy)")])
        }
    }

    /// Writes what is due anew; after a failure it takes a minute to the next try.
    func compactIfDue(_ maintenance: inout Maintenance) {
        guard clock.millisecondsSinceEpoch >= maintenance.compactionRetryAt else { return }
        do throws(EventError) {
            _ = try compactOne(&maintenance, age: configuration.coldAge)
        } catch {
            maintenance.compactionRetryAt = clock.millisecondsSinceEpoch + 60_000
            logger.warn("a block could not be made smaller; it stays as it is", ["error": .string("\(error)")])
        }
    }

    /// Writes all sealed blocks anew that can be made smaller or one, whatever their age.
    ///
    /// - Throws: ``EventError`` where a block is damaged or cannot be written.
    package func compactAll() throws(EventError) {
        try requireOpen()
        try maintenance.withLock { maintenance throws(EventError) in
            while try compactOne(&maintenance, age: .zero) {}
        }
    }
}
