import MartletFiles

/// The first bytes of a block: which it is, and what it stands on.
package struct AuditBlockHeader: Hashable, Sendable {
    /// "MRTAUD", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x41, 0x55, 0x44, 0, 0]

    static let version: UInt32 = 1

    static let size = 104

    /// The block's number, from 1.
    package var number: UInt64

    /// The number of its first commit, from 1.
    package var firstCommit: UInt64

    /// The number of its first event, from 1.
    package var firstEvent: UInt64

    /// The hash of the block before; of the first, that of the ledger's beginning.
    package var previousBlock: AuditHash

    /// The hash of the last commit before.
    package var previousCommit: AuditHash

    /// The header as it is written.
    var bytes: [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: number)
        bytes.append(littleEndian: firstCommit)
        bytes.append(littleEndian: firstEvent)
        bytes += previousBlock.bytes
        bytes += previousCommit.bytes
        return bytes
    }

    init(
        number: UInt64,
        firstCommit: UInt64,
        firstEvent: UInt64,
        previousBlock: AuditHash,
        previousCommit: AuditHash
    ) {
        self.number = number
        self.firstCommit = firstCommit
        self.firstEvent = firstEvent
        self.previousBlock = previousBlock
        self.previousCommit = previousCommit
    }

    /// Reads a header; `nil` where the bytes are none.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.size else { return nil }
        for (index, byte) in Self.magic.enumerated() where bytes[index] != byte { return nil }
        guard bytes.uint32(at: 8) == Self.version, bytes.uint32(at: 12) == 0 else { return nil }
        number = bytes.uint64(at: 16)
        firstCommit = bytes.uint64(at: 24)
        firstEvent = bytes.uint64(at: 32)
        previousBlock = bytes.hash(at: 40)
        previousCommit = bytes.hash(at: 72)
    }
}
