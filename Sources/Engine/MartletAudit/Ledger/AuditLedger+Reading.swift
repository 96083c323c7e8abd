import MartletCore
import MartletFiles
import Synchronization

extension AuditLedger {
    /// Numbers that tell how a ledger is doing.
    package struct Statistics: Sendable {
        package var events: UInt64
        package var commits: UInt64
        package var blocks: Int
        package var byteCount: Int
        package var holds: Int
        package var blocksDeleted: Int
        package var failures: Int
        package var checkpoints: UInt64
        package var firstEvent: UInt64
        package var failure: String?
    }

    /// How the ledger is doing.
    package var statistics: Statistics {
        writer.withLock { state in
            Statistics(
                events: state.lastEvent,
                commits: state.lastCommit,
                blocks: state.blocks.count + (state.active == nil ? 0 : 1),
                byteCount: state.byteCount,
                holds: state.holds.count,
                blocksDeleted: state.blocksDeleted,
                failures: state.failures,
                checkpoints: state.key.epoch,
                firstEvent: state.blocks.first?.summary.header.firstEvent ?? state.active?.header.firstEvent
                    ?? state.lastEvent + 1,
                failure: state.failure
            )
        }
    }

    /// Hands the events from a number on over, in their order, as far as they were not deleted.
    ///
    /// - Parameters:
    ///   - first: The number to begin at.
    ///   - body: Is given each event with its number and when it was taken; `false` ends it.
    /// - Throws: ``AuditError`` where a block cannot be read.
    package func read(from first: UInt64, _ body: (UInt64, Int64, Span<UInt8>) -> Bool) throws(AuditError) {
        var next = first
        // A block may be sealed between being looked up and being opened.
        while let (map, limit) = try block(from: next) {
            var reached = next
            let goesOn = map.withBytes { bytes -> Bool in
                let bytes = bytes.extracting(0..<min(limit, bytes.count))
                guard var walk = AuditBlockWalk(bytes) else { return false }
                while let item = walk.next(bytes) {
                    guard case .commit(_, let content) = item else { continue }
                    for (index, entry) in content.entries.enumerated() {
                        let number = content.firstEvent &+ UInt64(index)
                        guard number >= next else { continue }
                        reached = number + 1
                        guard body(number, content.time, bytes.extracting(entry.range)) else { return false }
                    }
                }
                return true
            }
            guard goesOn, reached > next else { return }
            next = reached
        }
    }

    /// The block that has an event or the first one behind it, and how many of its bytes are acknowledged.
    private func block(from event: UInt64) throws(AuditError) -> (MappedFile, Int)? {
        for attempt in 0..<3 {
            let found = writer.withLock { state -> (String, Int)? in
                if let block = state.blocks.first(where: { $0.summary.nextEvent > event }) {
                    return (files.path(block.summary.header.number, .block), block.byteCount)
                }
                guard let active = state.active, state.lastEvent >= event else { return nil }
                return (files.path(active.header.number, .open), active.byteCount)
            }
            guard let (path, limit) = found else { return nil }
            do throws(FileError) {
                return (try files.fileSystem.map(path), limit)
            } catch {
                guard error.code == FileError.missing, attempt < 2 else { throw unavailable(error) }
            }
        }
        return nil
    }

    /// The proof that an event is in the ledger; its block is sealed for it where it is still open.
    ///
    /// - Throws: ``AuditError`` `notFound` where there is no such event or it was deleted.
    package func proof(of number: UInt64) throws(AuditError) -> AuditProof {
        let (isOpen, exists) = writer.withLock { state in
            (number > (state.blocks.last?.summary.nextEvent ?? 1) - 1, number > 0 && number <= state.lastEvent)
        }
        guard exists else { throw .notFound("there is no event \(number)") }
        if isOpen { try sealOpenBlock() }
        let found = writer.withLock { state -> (AuditState.Block, [AuditBlockSummary])? in
            guard
                let place = state.blocks.firstIndex(where: {
                    $0.summary.header.firstEvent <= number && $0.summary.nextEvent > number
                })
            else { return nil }
            return (state.blocks[place], state.blocks[(place + 1)...].map(\.summary))
        }
        guard let (block, following) = found else {
            throw .notFound("event \(number) was deleted; its block's tombstone stays")
        }
        let path = files.path(block.summary.header.number, .block)
        let map: MappedFile
        do throws(FileError) { map = try files.fileSystem.map(path) } catch { throw unavailable(error) }
        let chain = chain
        let proof = map.withBytes { bytes -> AuditProof? in
            guard var walk = AuditBlockWalk(bytes) else { return nil }
            var leaves: [AuditHash] = []
            var event: [UInt8]?
            while let item = walk.next(bytes) {
                guard case .commit(_, let content) = item else { continue }
                for (index, entry) in content.entries.enumerated() {
                    if content.firstEvent &+ UInt64(index) == number {
                        var copy: [UInt8] = []
                        copy.append(span: bytes.extracting(entry.range))
                        event = copy
                    }
                    leaves.append(entry.leaf)
                }
            }
            let index = Int(number - block.summary.header.firstEvent)
            guard let event, index < leaves.count else { return nil }
            return AuditProof(
                number: number,
                event: event,
                path: chain.path(leaves, to: index),
                block: block.summary,
                following: following
            )
        }
        guard let proof, proof.fault(chain, head: nil) == nil else {
            throw .damaged("block \(block.summary.header.number) does not hold together; verify the ledger")
        }
        return proof
    }
}

extension AuditLedger {
    /// The key in force of the ledger in a directory, as one line; `nil` where there is none.
    package static func keyLine(_ directory: String) -> String? {
        let files = AuditFiles(directory: directory, fileSystem: POSIXFileSystem())
        let bytes = try? files.read(files.key)
        return bytes.flatMap { AuditKey(line: String(decoding: $0, as: UTF8.self)) }?.line
    }
}
