package import MartletFiles

/// Reads a ledger from its first byte to its last and tells everything that is not as it was written.
///
/// It needs nothing but the files, so it can be run on a copy, on another machine, and while the ledger is written to.
package struct AuditVerifier {
    let files: AuditFiles
    let chain: AuditChain
    var report = AuditReport()
    var state = Progress()

    /// How far the reading has come.
    struct Progress {
        var block: UInt64 = 0
        var blockHash = AuditHash.zero
        var commit: UInt64 = 0
        var commitHash = AuditHash.zero
        var event: UInt64 = 0
        /// The hashes of the commits that heads tell of.
        var wantedCommits: [UInt64: AuditHash?] = [:]
        var blockHashes: [UInt64: AuditHash] = [:]
        /// The last commits of deleted blocks: what is before them cannot be checked one by one.
        var deletedCommit: UInt64 = 0
        /// Commits that are known to be missing, so that heads that tell of them are no news.
        var missingCommits: [Range<UInt64>] = []
        /// Whether the end of the last block is missing for sure.
        var isCut = false
    }

    /// Creates a verifier of the ledger in a directory.
    package init(_ directory: String, hashing: any AuditHashing, fileSystem: any FileSystem = POSIXFileSystem()) {
        files = AuditFiles(directory: directory, fileSystem: fileSystem)
        chain = AuditChain(hashing)
    }

    /// Verifies the ledger.
    ///
    /// - Parameters:
    ///   - head: A head that was kept elsewhere, which the ledger must contain.
    ///   - key: A key that was kept elsewhere; checkpoints from its epoch on are authenticated with it.
    /// - Returns: What there is and what is wrong with it.
    /// - Throws: ``AuditError`` where the files cannot be read at all.
    /// - Complexity: O(*n*) in the bytes; memory for one block's hashes.
    package consuming func verify(head: AuditHead? = nil, key: AuditKey? = nil) throws(AuditError) -> AuditReport {
        do throws(FileError) {
            try run(head, key)
        } catch {
            throw .unavailable("\(error); \(error.remedy)")
        }
        return report
    }

    private mutating func run(_ head: AuditHead?, _ key: AuditKey?) throws(FileError) {
        let id = try files.read(files.identity).flatMap {
            AuditHash(hex: String(decoding: $0.prefix(64), as: UTF8.self))
        }
        guard let id else {
            throw FileError(
                code: FileError.missing,
                operation: "verify",
                path: files.identity,
                reason: "there is no ledger there"
            )
        }
        report.ledger = id
        state.blockHash = chain.beginning(id)
        state.commitHash = state.blockHash
        // Before the blocks, which then are never behind them, while the ledger is written to.
        let (heads, damaged) = try files.readCheckpoints()
        if damaged > 0 { report.add(.checkpoint, "\(damaged) lines of the checkpoints cannot be read") }
        for known in heads + (head.map { [$0] } ?? []) { state.wantedCommits[known.commit] = .some(nil) }
        let keyInForce = try files.read(files.key).flatMap { AuditKey(line: String(decoding: $0, as: UTF8.self)) }
        let numbers = try files.numbers()
        for (index, number) in numbers.enumerated() {
            try verify(number, isLast: index == numbers.count - 1)
        }
        report.lastEvent = state.event
        report.checkpoints = heads.count
        report.head = heads.last
        check(heads, keyInForce, key)
        if let head { check(head, "the head of \(AuditVerifier.text(head.time))") }
    }

    private mutating func verify(_ number: UInt64, isLast: Bool) throws(FileError) {
        if number > state.block + 1 {
            let missing =
                state.block + 2 == number
                ? "block \(state.block + 1) is" : "blocks \(state.block + 1) to \(number - 1) are"
            report.add(.missing, block: state.block + 1, "\(missing) missing")
            (state.block, state.isCut) = (number - 1, false)
            (state.blockHash, state.commitHash) = (.zero, .zero)
        }
        // A block is sealed, or deleted, while others are read; what it becomes is looked for again.
        for kind in [AuditFiles.Kind.tombstone, .block, .open, .block, .tombstone] {
            do throws(FileError) {
                switch kind {
                case .tombstone:
                    guard let bytes = try files.read(files.path(number, .tombstone)) else { continue }
                    verifyTombstone(number, bytes)
                case .block, .open:
                    let map = try files.fileSystem.map(files.path(number, kind))
                    map.withBytes { verifyBlock(number, $0, isSealed: kind == .block, isLast: isLast) }
                }
                state.block = number
                return
            } catch  where error.code == FileError.missing {
                continue
            }
        }
        report.add(.missing, block: number, "block \(number) is missing")
    }

    private mutating func verifyTombstone(_ number: UInt64, _ bytes: [UInt8]) {
        report.tombstones += 1
        guard let tombstone = AuditTombstone(bytes), tombstone.summary.header.number == number else {
            report.add(.damaged, block: number, "the tombstone of block \(number) cannot be read")
            (state.blockHash, state.commitHash) = (.zero, .zero)
            return
        }
        let summary = tombstone.summary
        if chain.block(summary) != tombstone.hash {
            report.add(.altered, block: number, "the tombstone of block \(number) is not what its hash says")
        }
        checkHeader(summary.header)
        report.deletedEvents += summary.events
        state.blockHash = tombstone.hash
        state.blockHashes[number] = tombstone.hash
        state.commit = summary.nextCommit &- 1
        state.commitHash = summary.lastCommit
        state.event = summary.nextEvent &- 1
        state.deletedCommit = state.commit
        note(commit: state.commit, summary.lastCommit)
    }

    /// Compares what a block stands on with what is there.
    mutating func checkHeader(_ header: AuditBlockHeader) {
        // Zero stands for what is missing, which was told already.
        let isKnown = state.blockHash != .zero
        if header.firstCommit > state.commit + 1 {
            state.missingCommits.append((state.commit + 1)..<header.firstCommit)
        }
        if isKnown, header.previousBlock != state.blockHash || header.previousCommit != state.commitHash {
            let before = header.number - 1
            report.add(
                .rewritten,
                block: before,
                before == 0
                    ? "block 1 does not stand on the ledger's beginning"
                    : "block \(before) was rewritten: block \(header.number) stands on one with the hash \(header.previousBlock)"
            )
        } else if header.firstEvent > state.event + 1, isKnown, !state.isCut {
            report.add(
                .missing,
                block: header.number,
                events: (state.event + 1)...(header.firstEvent - 1),
                "events \(state.event + 1) to \(header.firstEvent - 1) are missing before block \(header.number)"
            )
        }
        state.isCut = false
    }

    mutating func note(commit: UInt64, _ hash: AuditHash) {
        if state.wantedCommits.keys.contains(commit) { state.wantedCommits[commit] = .some(hash) }
    }
}
