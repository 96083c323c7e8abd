package import MartletCore

/// The proof that an event is in a ledger: what leads from it to the hash of its block, and on to a later block's.
package struct AuditProof: Sendable {
    package var number: UInt64
    package var event: [UInt8]
    /// The hashes beside the way from the event to the root, from below.
    package var path: [AuditHash]
    package var block: AuditBlockSummary
    /// The blocks after it, which lead to the hash that a head tells of.
    package var following: [AuditBlockSummary]

    /// Checks the proof; `nil` where it holds.
    ///
    /// - Parameters:
    ///   - chain: Computes hashes.
    ///   - head: A head that was kept elsewhere, to which the proof must lead; `nil` to look at the proof alone.
    /// - Returns: What is wrong, in words.
    package func fault(_ chain: AuditChain, head: AuditHead?) -> String? {
        guard number >= block.header.firstEvent, number < block.nextEvent else {
            return "event \(number) is none of block \(block.header.number)"
        }
        let root = chain.root(
            of: chain.leaf(number, event.span),
            at: Int(number - block.header.firstEvent),
            of: Int(clamping: block.events),
            along: path
        )
        guard root == block.root else { return "the event does not lead to the root of block \(block.header.number)" }
        var hash = chain.block(block)
        var last = block.header.number
        if let head, head.block == last { return head.blockHash == hash ? nil : mismatch(last) }
        for next in following {
            guard next.header.number == last + 1, next.header.previousBlock == hash else {
                return "block \(next.header.number) does not stand on block \(last)"
            }
            (hash, last) = (chain.block(next), next.header.number)
            if let head, head.block == last { return head.blockHash == hash ? nil : mismatch(last) }
        }
        return head.map { "the proof ends at block \(last), the head tells of block \($0.block)" }
    }

    private func mismatch(_ block: UInt64) -> String { "block \(block) has another hash than the head tells" }

    /// The proof as an object of JSON.
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("number", Int64(clamping: number))
            object.member("event", Base64.encode(event))
            object.member("path", strings: path.map(\.description))
            object.member("block", object: { block.write(to: &$0) })
            object.member("following", array: following) { list, summary in
                list.object { summary.write(to: &$0) }
            }
        }
    }

    /// Reads what ``write(to:)`` wrote; `nil` where something is missing.
    package init?(_ value: JSONValue) {
        guard let number = value["number"]?.integer(UInt64.self),
            let event = value["event"]?.text.flatMap({ Base64.decode($0) }),
            let block = value["block"].flatMap({ AuditBlockSummary($0) })
        else { return nil }
        let path = (value["path"]?.elements ?? []).map { AuditHash($0) }
        let following = (value["following"]?.elements ?? []).map { AuditBlockSummary($0) }
        guard !path.contains(nil), !following.contains(nil) else { return nil }
        self.number = number
        self.event = event
        self.path = path.compactMap { $0 }
        self.block = block
        self.following = following.compactMap { $0 }
    }

    init(number: UInt64, event: [UInt8], path: [AuditHash], block: AuditBlockSummary, following: [AuditBlockSummary]) {
        self.number = number
        self.event = event
        self.path = path
        self.block = block
        self.following = following
    }
}
