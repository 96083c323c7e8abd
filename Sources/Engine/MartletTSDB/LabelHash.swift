import MartletCore

/// Hashes labels by their bytes; faster than `Hasher`, with a seed against planned collisions.
struct LabelHash: Sendable {
    private var state: UInt64

    /// Starts a hash.
    init(seed: UInt64) {
        state = seed ^ 0x9e37_79b9_7f4a_7c15
    }

    /// The hash of everything added so far.
    var value: UInt64 {
        var mixed = state ^ state >> 32
        mixed = mixed &* 0xd6e8_feb8_6659_fd93
        return mixed ^ mixed >> 32
    }

    /// The hash of a label set.
    static func hash(_ labels: LabelSet, seed: UInt64) -> UInt64 {
        var hash = LabelHash(seed: seed)
        for label in labels {
            hash.add(label.name)
            hash.add(label.value)
        }
        return hash.value
    }

    /// Adds a text and its length.
    @inline(__always)
    mutating func add(_ text: String) {
        var copy = text
        // Safety: every offset stays under the buffer's count.
        state = copy.withUTF8 { [state] bytes in unsafe Self.mixed(state, bytes) }
    }

    @inline(__always)
    private static func mixed(_ start: UInt64, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = start ^ UInt64(bytes.count) &* 0xa076_1d64_78bd_642f
        let raw = UnsafeRawBufferPointer(bytes)
        var at = 0
        while at + 8 <= raw.count {
            unsafe state = folded(state ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < raw.count {
            unsafe rest = rest << 8 | UInt64(raw[at])
            at += 1
        }
        return folded(state ^ rest)
    }

    @inline(__always)
    private static func folded(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
