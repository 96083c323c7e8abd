/// A sample's value in few bytes, by itself or relative to a whole number.
///
/// A varint *u* comes first. Even: the value is the base plus the zigzag number *u*/2. Odd: *u*/2 is how many of the
/// double's highest bytes follow, the rest being zero. Every bit pattern survives, not-a-numbers and -0 among them.
enum ValueToken {
    /// Appends a value.
    ///
    /// - Returns: The value as a whole number, if it was written as one: the base for the next one.
    @inline(__always)
    @discardableResult
    static func append(_ value: Double, base: Int64, to bytes: inout [UInt8]) -> Int64? {
        if let whole = whole(value) {
            Varint.append(Varint.zigzag(whole &- base) << 1, to: &bytes)
            return whole
        }
        let bits = value.bitPattern
        let count = 8 - bits.trailingZeroBitCount / 8
        bytes.append(UInt8(count << 1 | 1))
        for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * place))) }
        return nil
    }

    /// Reads a value and moves behind it; `nil` where the bytes make none.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, _ at: inout Int, base: Int64) -> (value: Double, whole: Int64?)? {
        guard let token = Varint.read(bytes, &at) else { return nil }
        if token & 1 == 0 {
            let whole = base &+ Varint.unzigzag(token >> 1)
            return (Double(whole), whole)
        }
        let count = Int(truncatingIfNeeded: token >> 1)
        guard token < 32, count <= 8, at + count <= bytes.count else { return nil }
        var bits: UInt64 = 0
        for place in 0..<count { bits |= UInt64(bytes[at + place]) << UInt64(56 - 8 * place) }
        at += count
        return (Double(bitPattern: bits), nil)
    }

    /// The value as a whole number that turns back into the very same bits, up to 2^53.
    @inline(__always)
    static func whole(_ value: Double) -> Int64? {
        guard value.magnitude <= 9_007_199_254_740_992 else { return nil }
        let whole = Int64(value)
        return Double(whole).bitPattern == value.bitPattern ? whole : nil
    }
}
