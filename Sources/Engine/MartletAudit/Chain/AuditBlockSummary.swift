package import MartletCore
import MartletFiles

/// What a sealed block comes to; what stays of it when its events are gone.
package struct AuditBlockSummary: Hashable, Sendable {
    package var header: AuditBlockHeader
    package var commits: UInt64
    package var events: UInt64
    /// When the first event was taken, in nanoseconds since the epoch.
    package var firstTime: Int64
    package var lastTime: Int64
    /// The hash of the block's last commit.
    package var lastCommit: AuditHash
    /// The root of the tree over the block's events.
    package var root: AuditHash

    /// The number of the first event after the block.
    package var nextEvent: UInt64 { header.firstEvent &+ events }

    /// The number of the first commit after the block.
    package var nextCommit: UInt64 { header.firstCommit &+ commits }

    static let closingSize = 96

    /// All but the header, as it is written and hashed.
    var closingBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: commits)
        bytes.append(littleEndian: events)
        bytes.append(littleEndian: UInt64(bitPattern: firstTime))
        bytes.append(littleEndian: UInt64(bitPattern: lastTime))
        bytes += lastCommit.bytes
        bytes += root.bytes
        return bytes
    }

    init(header: AuditBlockHeader, closing: Span<UInt8>) {
        self.header = header
        commits = closing.uint64(at: 0)
        events = closing.uint64(at: 8)
        firstTime = Int64(bitPattern: closing.uint64(at: 16))
        lastTime = Int64(bitPattern: closing.uint64(at: 24))
        lastCommit = closing.hash(at: 32)
        root = closing.hash(at: 64)
    }

    init(
        header: AuditBlockHeader,
        commits: UInt64,
        events: UInt64,
        firstTime: Int64,
        lastTime: Int64,
        lastCommit: AuditHash,
        root: AuditHash
    ) {
        self.header = header
        self.commits = commits
        self.events = events
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.lastCommit = lastCommit
        self.root = root
    }

    /// Writes the summary as members of a JSON object.
    package func write(to object: inout JSONWriter) {
        object.member("block", Int64(clamping: header.number))
        object.member("first_commit", Int64(clamping: header.firstCommit))
        object.member("first_event", Int64(clamping: header.firstEvent))
        object.member("previous_block", "\(header.previousBlock)")
        object.member("previous_commit", "\(header.previousCommit)")
        object.member("commits", Int64(clamping: commits))
        object.member("events", Int64(clamping: events))
        object.member("first_time", firstTime)
        object.member("last_time", lastTime)
        object.member("last_commit", "\(lastCommit)")
        object.member("root", "\(root)")
    }

    /// Reads what ``write(to:)`` wrote; `nil` where something is missing.
    package init?(_ value: JSONValue) {
        guard let number = value["block"]?.integer(UInt64.self),
            let firstCommit = value["first_commit"]?.integer(UInt64.self),
            let firstEvent = value["first_event"]?.integer(UInt64.self),
            let previousBlock = AuditHash(value["previous_block"]),
            let previousCommit = AuditHash(value["previous_commit"]),
            let commits = value["commits"]?.integer(UInt64.self),
            let events = value["events"]?.integer(UInt64.self),
            let firstTime = value["first_time"]?.integer(Int64.self),
            let lastTime = value["last_time"]?.integer(Int64.self), let lastCommit = AuditHash(value["last_commit"]),
            let root = AuditHash(value["root"])
        else { return nil }
        header = AuditBlockHeader(
            number: number,
            firstCommit: firstCommit,
            firstEvent: firstEvent,
            previousBlock: previousBlock,
            previousCommit: previousCommit
        )
        self.commits = commits
        self.events = events
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.lastCommit = lastCommit
        self.root = root
    }
}

extension AuditHash {
    init?(_ value: JSONValue?) {
        guard let text = value?.text, let hash = AuditHash(hex: text) else { return nil }
        self = hash
    }
}
