import MartletFiles

/// A sample's value as logs of version 1 have it, by itself or relative to a whole number.
///
/// A varint *u* comes first. Even: the value is the base plus the zigzag number *u*/2. Odd: *u*/2 is how many of the
/// double's highest bytes follow, the rest being zero. Every bit pattern survives, not-a-numbers and -0 among them.
enum ValueToken {
    /// Reads a value and moves behind it; `nil` where the bytes make none.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, _ at: inout Int, base: Int64) -> (value: Double, whole: Int64?)? {
        guard let token = bytes.varint(&at) else { return nil }
        if token & 1 == 0 {
            let whole = base &+ unzigzag(token >> 1)
            return (Double(whole), whole)
        }
        let count = Int(truncatingIfNeeded: token >> 1)
        guard token < 32, count <= 8, at + count <= bytes.count else { return nil }
        var bits: UInt64 = 0
        for place in 0..<count { bits |= UInt64(bytes[at + place]) << UInt64(56 - 8 * place) }
        at += count
        return (Double(bitPattern: bits), nil)
    }
}
