import CMartletChecksum

/// The Castagnoli checksum that guards log records and blocks.
///
/// Eight bytes a step: with the processor's own instruction where it has one, else through eight tables ("slicing by 8"),
/// about 1.5 GB/s.
///
/// - SeeAlso: [RFC 3720, appendix B.4](https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4) for test vectors.
package struct CRC32C: Sendable {
    private var state: UInt32

    /// Starts a checksum; another seed gives an unrelated checksum of the same bytes.
    package init(seed: UInt32 = 0) {
        state = ~seed
    }

    /// The checksum of everything added so far.
    package var value: UInt32 { ~state }

    /// The checksum of some bytes.
    package static func checksum(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        var checksum = CRC32C(seed: seed)
        checksum.add(bytes)
        return checksum.value
    }

    /// Adds bytes.
    package mutating func add(_ bytes: Span<UInt8>) {
        if Self.isInstruction {
            // Safety: the bytes are read while they are lent.
            state = unsafe bytes.withUnsafeBufferPointer { unsafe martlet_crc32c(state, $0.baseAddress, $0.count) }
        } else {
            addByTables(bytes)
        }
    }

    private static let isInstruction = martlet_has_crc32c() != 0

    /// Adds bytes without the instruction.
    mutating func addByTables(_ bytes: Span<UInt8>) {
        var crc = state
        var at = 0
        let count = bytes.count
        let tables = Self.tables.span
        while at + 8 <= count {
            let low =
                crc
                ^ (UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                    | UInt32(bytes[at + 3]) << 24)
            crc =
                tables[0x700 + Int(low & 0xff)] ^ tables[0x600 + Int(low >> 8 & 0xff)]
                ^ tables[0x500 + Int(low >> 16 & 0xff)] ^ tables[0x400 + Int(low >> 24)]
                ^ tables[0x300 + Int(bytes[at + 4])] ^ tables[0x200 + Int(bytes[at + 5])]
                ^ tables[0x100 + Int(bytes[at + 6])] ^ tables[Int(bytes[at + 7])]
            at += 8
        }
        while at < count {
            crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[at])]
            at += 1
        }
        state = crc
    }

    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            tables[byte] = crc
        }
        for slice in 1..<8 {
            for byte in 0..<256 {
                let previous = tables[(slice - 1) * 256 + byte]
                tables[slice * 256 + byte] = previous >> 8 ^ tables[Int(previous & 0xff)]
            }
        }
        return tables
    }()
}
