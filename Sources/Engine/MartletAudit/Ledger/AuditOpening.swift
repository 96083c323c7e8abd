import MartletCore
import MartletFiles
import MartletLogging

/// Reads what there is of a ledger, and mends what a stop left half done.
struct AuditOpening {
    let configuration: AuditConfiguration
    let files: AuditFiles
    let chain: AuditChain
    let logger: Logger

    /// What the writer begins with.
    func open(random: () -> AuditHash) throws(FileError) -> AuditState {
        let ledger = try identity(random)
        let beginning = chain.beginning(ledger)
        let key = try readKey(random)
        var state = AuditState(ledger: ledger, lastBlockHash: beginning, lastCommitHash: beginning, key: key)
        try readBlocks(&state)
        state.holds = try readHolds()
        try readCheckpoints(&state)
        return state
    }

    private func identity(_ random: () -> AuditHash) throws(FileError) -> AuditHash {
        if let bytes = try files.read(files.identity),
            let id = AuditHash(hex: String(decoding: bytes.prefix(64), as: UTF8.self))
        {
            return id
        }
        let id = random()
        try files.replace(files.identity, with: Array("\(id)\n".utf8))
        return id
    }

    private func readKey(_ random: () -> AuditHash) throws(FileError) -> AuditKey {
        if let bytes = try files.read(files.key), let key = AuditKey(line: String(decoding: bytes, as: UTF8.self)) {
            return key
        }
        let key = AuditKey(epoch: 0, key: random())
        try files.replace(files.key, with: Array((key.line + "\n").utf8))
        return key
    }

    private func readHolds() throws(FileError) -> [AuditHold] {
        guard let bytes = try files.read(files.holds), let value = try? JSONParser.parse(bytes) else { return [] }
        return (value.elements ?? []).compactMap { AuditHold($0) }
    }

    /// Reads the checkpoints and begins their file anew, without the line that a stop may have torn.
    private func readCheckpoints(_ state: inout AuditState) throws(FileError) {
        let (heads, damaged) = try files.readCheckpoints()
        if damaged > 0 { logger.warn("lines of the checkpoints are damaged", ["lines": LogValue(damaged)]) }
        state.lastHead = heads.last
        // A stop between a checkpoint and its key's renewal; the key of one checkpoint is never used for another.
        if let last = heads.last, last.epoch >= state.key.epoch {
            var key = last.epoch == state.key.epoch ? state.key.next(chain) : state.key
            key.epoch = last.epoch + 1
            try files.replace(files.key, with: Array((key.line + "\n").utf8))
            state.key = key
        }
    }

    private func readBlocks(_ state: inout AuditState) throws(FileError) {
        for name in try files.fileSystem.list(files.blocks) where name.hasSuffix(".tmp") {
            try files.fileSystem.remove("\(files.blocks)/\(name)")
        }
        let names = Set(try files.fileSystem.list(files.blocks))
        for number in try files.numbers() {
            let has = { (kind: AuditFiles.Kind) in names.contains("\(AuditFiles.padded(number)).\(kind.rawValue)") }
            if has(.tombstone), let tombstone = try files.tombstone(number) {
                // What a stop between the tombstone and the deletion left.
                if has(.block) { try files.fileSystem.remove(files.path(number, .block)) }
                follow(tombstone.summary, tombstone.hash, &state)
            } else if has(.block) {
                if has(.open) { try files.fileSystem.remove(files.path(number, .open)) }
                try readSealed(number, &state)
            } else if has(.open) {
                try recover(number, &state)
            }
        }
    }

    private func follow(_ summary: AuditBlockSummary, _ hash: AuditHash, _ state: inout AuditState) {
        state.lastBlock = summary.header.number
        state.lastBlockHash = hash
        state.lastCommit = summary.nextCommit &- 1
        state.lastCommitHash = summary.lastCommit
        state.lastEvent = summary.nextEvent &- 1
        state.lastTime = max(state.lastTime, summary.lastTime)
    }

    private func readSealed(_ number: UInt64, _ state: inout AuditState) throws(FileError) {
        let map = try files.fileSystem.map(files.path(number, .block))
        let found = map.withBytes { bytes -> (AuditBlockSummary, AuditHash)? in
            let size = AuditCommit.frameSize + AuditBlockSummary.closingSize + AuditHash.byteCount
            guard let header = AuditBlockHeader(bytes), bytes.count >= AuditBlockHeader.size + size,
                let frame = AuditRecordFrame(bytes, at: bytes.count - size), frame.marker == AuditCommit.footerMarker
            else { return nil }
            return (AuditBlockSummary(header: header, closing: bytes.extracting(frame.payload)), frame.hash)
        }
        guard let (summary, hash) = found, summary.header.number == number else {
            // The chain goes on from what is known; verification names the damage.
            logger.error(
                "a block of the audit ledger is damaged; verify it, and restore it from a copy",
                ["path": .string(files.path(number, .block))]
            )
            state.lastBlock = number
            return
        }
        state.blocks.append(AuditState.Block(summary: summary, hash: hash, byteCount: map.count))
        follow(summary, hash, &state)
    }

    /// Seals the block that was open when the process ended, without the record that it may have torn.
    private func recover(_ number: UInt64, _ state: inout AuditState) throws(FileError) {
        let path = files.path(number, .open)
        let map = try files.fileSystem.map(path)
        guard let (active, lastCommit, cut) = map.withBytes({ Self.recovered($0) }) else {
            try files.fileSystem.remove(path)
            return
        }
        if cut > 0 {
            logger.warn(
                "the last record of the audit ledger was torn by a stop; it was never acknowledged",
                ["bytes": LogValue(cut)]
            )
        }
        guard active.commits > 0 else {
            try files.fileSystem.remove(path)
            return
        }
        let (block, hash) = try AuditSealing(files: files, chain: chain).seal(active, lastCommit: lastCommit)
        state.blocks.append(block)
        follow(block.summary, hash, &state)
    }

    /// The block as far as it was acknowledged, its last commit's hash, and how many bytes at its end were not.
    private static func recovered(_ bytes: Span<UInt8>) -> (AuditState.Active, AuditHash, Int)? {
        guard var walk = AuditBlockWalk(bytes) else { return nil }
        var active = AuditState.Active(header: walk.header, file: nil, byteCount: AuditBlockHeader.size)
        var lastCommit = walk.header.previousCommit
        while let item = walk.next(bytes) {
            switch item {
            case .commit(let frame, let content):
                active.commits += 1
                active.leaves += content.entries.map(\.leaf)
                if active.firstTime == 0 { active.firstTime = content.time }
                active.lastTime = max(active.lastTime, content.time)
                lastCommit = frame.hash
                active.byteCount = frame.end
            case .damage, .footer:
                // Damage with records behind it is evidence, and stays where it is for verification to find.
                break
            case .tail(let range, let isTorn):
                if !isTorn { active.byteCount = bytes.count }
                return (active, lastCommit, isTorn ? range.count : 0)
            }
        }
        return (active, lastCommit, 0)
    }
}
