import MartletCore

/// How far a ledger had come at a moment, to be kept where nobody who can change the ledger can change it too.
///
/// As text it is one line of JSON whose last member authenticates the others with the key of its epoch.
package struct AuditHead: Hashable, Sendable {
    /// The ledger's identity.
    package var ledger: AuditHash
    /// The epoch of the key, from 0; one a checkpoint.
    package var epoch: UInt64
    /// When the checkpoint was written, in nanoseconds since the epoch.
    package var time: Int64
    /// The last sealed block, 0 before the first, and its hash.
    package var block: UInt64
    package var blockHash: AuditHash
    /// The last commit, 0 before the first, and its hash.
    package var commit: UInt64
    package var commitHash: AuditHash
    /// The number of the last event, 0 before the first.
    package var events: UInt64
    /// What authenticates all this; zero where it is not known.
    package var mac = AuditHash.zero

    /// What is authenticated: the line up to its last member.
    package var authenticatedText: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("ledger", "\(ledger)")
            object.member("epoch", Int64(clamping: epoch))
            object.member("time", RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9))
            object.member("block", Int64(clamping: block))
            object.member("block_hash", "\(blockHash)")
            object.member("commit", Int64(clamping: commit))
            object.member("commit_hash", "\(commitHash)")
            object.member("events", Int64(clamping: events))
        }
        return String(decoding: writer.bytes.dropLast(), as: UTF8.self)
    }

    /// The line, without its end.
    package var line: String { "\(authenticatedText),\"mac\":\"\(mac)\"}" }

    /// The head that a line of JSON tells of; `nil` where it is none.
    package init?(line: some StringProtocol) {
        guard let value = try? JSONParser.parse(Array(line.utf8)), let ledger = AuditHash(value["ledger"]),
            let epoch = value["epoch"]?.integer(UInt64.self),
            let time = value["time"]?.text.flatMap({ RFC3339.nanosecondsSinceEpoch($0) }),
            let block = value["block"]?.integer(UInt64.self), let blockHash = AuditHash(value["block_hash"]),
            let commit = value["commit"]?.integer(UInt64.self), let commitHash = AuditHash(value["commit_hash"]),
            let events = value["events"]?.integer(UInt64.self)
        else { return nil }
        self.ledger = ledger
        self.epoch = epoch
        self.time = time
        self.block = block
        self.blockHash = blockHash
        self.commit = commit
        self.commitHash = commitHash
        self.events = events
        mac = AuditHash(value["mac"]) ?? .zero
    }

    init(
        ledger: AuditHash,
        epoch: UInt64,
        time: Int64,
        block: UInt64,
        blockHash: AuditHash,
        commit: UInt64,
        commitHash: AuditHash,
        events: UInt64
    ) {
        self.ledger = ledger
        self.epoch = epoch
        self.time = time
        self.block = block
        self.blockHash = blockHash
        self.commit = commit
        self.commitHash = commitHash
        self.events = events
    }

    /// The head with the code that the key of its epoch gives it.
    func authenticated(_ hashing: any AuditHashing, key: AuditHash) -> AuditHead {
        var head = self
        head.mac = hashing.hmac(Array(authenticatedText.utf8).span, key: key)
        return head
    }
}
