// Safety: every offset stays under the count of the span.

/// Hashes bytes; faster than `Hasher`, with a seed against planned collisions.
enum ByteHash {
    @inline(__always)
    static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
        unsafe bytes.withUnsafeBytes { raw in
            var state = seed ^ 0x9e37_79b9_7f4a_7c15 ^ UInt64(raw.count) &* 0xa076_1d64_78bd_642f
            var at = 0
            while at + 16 <= raw.count {
                let low = unsafe raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                let high = unsafe raw.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
                state = folded(state ^ low, high ^ 0x8ebc_6af0_9c88_c6e3)
                at += 16
            }
            var rest: UInt64 = 0
            if at + 8 <= raw.count {
                state = unsafe folded(
                    state ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self),
                    0x8ebc_6af0_9c88_c6e3
                )
                at += 8
            }
            while at < raw.count {
                unsafe rest = rest << 8 | UInt64(raw[at])
                at += 1
            }
            return folded(state ^ rest, 0xd6e8_feb8_6659_fd93)
        }
    }

    /// Mixes one more number into a hash.
    @inline(__always)
    static func mix(_ state: UInt64, _ number: UInt64) -> UInt64 { folded(state ^ number, 0x8ebc_6af0_9c88_c6e3) }

    @inline(__always)
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
