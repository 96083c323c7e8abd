package import MartletCore

/// What the verification of a ledger came to.
package struct AuditReport: Sendable {
    /// How many findings are kept; a ledger with more is told by the first.
    package static let findingsMax = 1_000

    package var ledger = AuditHash.zero
    package var blocks = 0
    package var tombstones = 0
    package var commits: UInt64 = 0
    package var events: UInt64 = 0
    /// How many events were deleted by retention; their blocks' hashes were checked.
    package var deletedEvents: UInt64 = 0
    package var checkpoints = 0
    /// How many checkpoints were checked with a key.
    package var authenticated = 0
    /// The number of the last event.
    package var lastEvent: UInt64 = 0
    package var head: AuditHead?
    package private(set) var findings: [AuditFinding] = []
    /// What is no fault, and worth knowing.
    package var notes: [String] = []
    /// How many findings are not kept.
    package private(set) var more = 0

    /// Whether nothing is wrong.
    package var isGood: Bool { findings.isEmpty }

    mutating func add(
        _ kind: AuditFinding.Kind,
        block: UInt64? = nil,
        events: ClosedRange<UInt64>? = nil,
        _ text: String
    ) {
        if findings.count < Self.findingsMax {
            findings.append(AuditFinding(kind: kind, block: block, events: events, text: text))
        } else {
            more += 1
        }
    }

    /// The report as an object of JSON.
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("good", isGood)
            object.member("ledger", "\(ledger)")
            object.member("blocks", blocks)
            object.member("tombstones", tombstones)
            object.member("commits", Int64(clamping: commits))
            object.member("events", Int64(clamping: events))
            object.member("deleted_events", Int64(clamping: deletedEvents))
            object.member("last_event", Int64(clamping: lastEvent))
            object.member("checkpoints", checkpoints)
            object.member("authenticated_checkpoints", authenticated)
            object.member("findings", array: findings) { $1.write(to: &$0) }
            object.member("more_findings", more)
            object.member("notes", strings: notes)
            if let head { object.member("head", head.line) }
        }
    }
}
