import MartletFiles

/// Says which ids are certainly not in a block: a Bloom filter whose bits for an id lie in one cache line.
///
/// Ten bits and six probes an id give about two false answers in a hundred.
package struct IDFilter: Sendable {
    private static let lineBytes = 64
    private let lines: Int
    private let bytes: ColumnBytes

    /// Takes a column's bytes; `nil` where they make no filter.
    package init?(_ bytes: ColumnBytes) {
        lines = bytes.withBytes { $0.count >= 8 ? Int(truncatingIfNeeded: $0.uint64(at: 0)) : -1 }
        guard lines > 0, lines <= 1 << 32, bytes.count == 8 + lines * Self.lineBytes else { return nil }
        self.bytes = bytes
    }

    /// Whether an id may be in.
    package func mayContain(_ hash: UInt64) -> Bool {
        bytes.withBytes { bytes in
            let start = 8 + Self.line(hash, lines) * Self.lineBytes
            var rest = hash
            for _ in 0..<6 {
                let bit = Int(rest & 511)
                if bytes[start + bit / 8] >> UInt8(bit & 7) & 1 == 0 { return false }
                rest >>= 9
            }
            return true
        }
    }

    /// The column's bytes for some ids' hashes.
    package static func encode(_ hashes: some Collection<UInt64>) -> [UInt8] {
        let lines = max(1, (hashes.count * 10 + 511) / 512)
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt64(lines))
        bytes += [UInt8](repeating: 0, count: lines * lineBytes)
        for hash in hashes {
            let start = 8 + line(hash, lines) * lineBytes
            var rest = hash
            for _ in 0..<6 {
                let bit = Int(rest & 511)
                bytes[start + bit / 8] |= 1 << UInt8(bit & 7)
                rest >>= 9
            }
        }
        return bytes
    }

    /// A well-mixed hash of an id of 16 bytes.
    package static func hash(_ high: UInt64, _ low: UInt64) -> UInt64 {
        let product = (high ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: low ^ 0x8ebc_6af0_9c88_c6e3)
        let mixed = (product.high ^ product.low) &* 0x9e37_79b9_7f4a_7c15
        return mixed ^ mixed >> 29
    }

    private static func line(_ hash: UInt64, _ lines: Int) -> Int {
        Int((hash &* 0xd6e8_feb8_6659_fd93).multipliedFullWidth(by: UInt64(lines)).high)
    }
}
