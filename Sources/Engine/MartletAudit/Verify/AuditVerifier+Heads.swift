import MartletCore

extension AuditVerifier {
    static func text(_ time: Int64) -> String { RFC3339.shortString(nanosecondsSinceEpoch: time) }

    /// Compares the checkpoints with the ledger, with one another and with the key.
    mutating func check(_ heads: [AuditHead], _ keyInForce: AuditKey?, _ key: AuditKey?) {
        for head in heads where !check(head, "the checkpoint of \(Self.text(head.time))") { break }
        checkEpochs(heads, keyInForce)
        if let key { authenticate(heads, key) }
    }

    /// Compares what a head tells with the ledger; `false` where it tells something else.
    @discardableResult
    mutating func check(_ head: AuditHead, _ name: String) -> Bool {
        guard head.ledger == report.ledger else {
            report.add(.checkpoint, "\(name) is of another ledger, \(head.ledger)")
            return false
        }
        if head.events > state.event || head.commit > state.commit {
            let last = max(head.events, state.event + 1)
            report.add(
                .truncated,
                block: state.block,
                events: (state.event + 1)...last,
                "\(name) tells of event \(head.events), the ledger ends at event \(state.event): its tail is missing"
            )
            return false
        }
        if let hash = state.blockHashes[head.block], hash != head.blockHash {
            report.add(
                .rewritten,
                block: head.block,
                "block \(head.block) was rewritten: \(name) tells of one with the hash \(head.blockHash)"
            )
            return false
        }
        switch state.wantedCommits[head.commit] ?? nil {
        case let hash? where hash != head.commitHash:
            report.add(
                .rewritten,
                "the ledger was rewritten up to event \(head.events): \(name) tells of another hash of commit \(head.commit)"
            )
            return false
        case nil where head.commit > state.deletedCommit && !state.missingCommits.contains { $0.contains(head.commit) }:
            report.add(.missing, "commit \(head.commit), of which \(name) tells, is missing")
            return false
        default: return true
        }
    }

    /// Each checkpoint uses up one epoch of the key, so that missing ones show.
    private mutating func checkEpochs(_ heads: [AuditHead], _ keyInForce: AuditKey?) {
        var previous: AuditHead?
        for head in heads {
            if let previous, head.epoch != previous.epoch + 1 {
                report.add(
                    .checkpoint,
                    "checkpoints between the epochs \(previous.epoch) and \(head.epoch) are missing"
                )
            } else if previous == nil, head.epoch != 0 {
                report.add(.checkpoint, "the checkpoints before epoch \(head.epoch) are missing")
            }
            previous = head
        }
        guard let keyInForce else {
            report.add(.checkpoint, "the key of the ledger is missing")
            return
        }
        let next = heads.last.map { $0.epoch + 1 } ?? 0
        // A stop may come between a checkpoint and the renewal of its key, or while this is read.
        if keyInForce.epoch > next + 1 {
            report.add(.checkpoint, "the checkpoints from epoch \(next) to \(keyInForce.epoch - 1) are missing")
        }
    }

    private mutating func authenticate(_ heads: [AuditHead], _ key: AuditKey) {
        let chain = chain
        var key = key
        let before = heads.prefix { $0.epoch < key.epoch }.count
        if before > 0 { report.notes.append("\(before) checkpoints are older than the key and were not authenticated") }
        for head in heads.dropFirst(before) {
            while key.epoch < head.epoch { key = key.next(chain) }
            guard key.epoch == head.epoch, head.authenticated(chain.hashing, key: key.key).mac == head.mac else {
                report.add(
                    .checkpoint,
                    "the checkpoint of \(Self.text(head.time)) was not written with the ledger's key"
                )
                continue
            }
            report.authenticated += 1
        }
    }
}
