import MartletCore

extension LabelSet {
    /// The hash by which Prometheus draws samples of series, so that the same ones are drawn.
    ///
    /// XXH64 with the seed 0 over the labels, each text after its length: one byte, or 255 and three bytes.
    var prometheusHash: UInt64 {
        var bytes: [UInt8] = []
        for label in self {
            for text in [label.name, label.value] {
                let count = text.utf8.count
                if count < 255 {
                    bytes.append(UInt8(count))
                } else {
                    bytes += [255, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
                    bytes.append(UInt8(truncatingIfNeeded: count >> 16))
                }
                bytes += text.utf8
            }
        }
        return XXHash64.hash(bytes)
    }
}

/// The 64-bit hash function xxHash.
///
/// - SeeAlso: [xxHash](https://github.com/Cyan4973/xxHash/blob/v0.8.2/doc/xxhash_spec.md)
enum XXHash64 {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var place = 0
        var hash: UInt64
        if bytes.count >= 32 {
            var lanes: [UInt64] = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
            while place + 32 <= bytes.count {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(bytes, place + lane * 8, 8)) }
                place += 32
            }
            hash = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
            for lane in lanes { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            hash = prime5
        }
        hash &+= UInt64(bytes.count)
        while place + 8 <= bytes.count {
            hash = rotated(hash ^ round(0, word(bytes, place, 8)), 27) &* prime1 &+ prime4
            place += 8
        }
        if place + 4 <= bytes.count {
            hash = rotated(hash ^ (word(bytes, place, 4) &* prime1), 23) &* prime2 &+ prime3
            place += 4
        }
        while place < bytes.count {
            hash = rotated(hash ^ (UInt64(bytes[place]) &* prime5), 11) &* prime1
            place += 1
        }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* prime2, 31) &* prime1
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }

    /// A number from some bytes, the lowest first.
    private static func word(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        var result: UInt64 = 0
        for index in 0..<count { result |= UInt64(bytes[start + index]) << UInt64(index * 8) }
        return result
    }
}
