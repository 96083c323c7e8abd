/// Reads bits from bytes, the high bit first.
struct BitReader {
    private let bytes: [UInt8]
    private var place: Int

    init(_ bytes: [UInt8], from byte: Int) {
        self.bytes = bytes
        place = byte * 8
    }

    mutating func bit() throws(BlockError) -> Bool {
        guard place < bytes.count * 8 else { throw .truncated("a chunk", at: bytes.count) }
        defer { place += 1 }
        return bytes[place / 8] >> UInt8(7 - place % 8) & 1 == 1
    }

    mutating func bits(_ count: Int) throws(BlockError) -> UInt64 {
        guard count <= bytes.count * 8 - place else { throw .truncated("a chunk", at: bytes.count) }
        var value: UInt64 = 0
        var left = count
        while left > 0 {
            let available = 8 - place % 8
            let taken = min(available, left)
            let part = UInt64(bytes[place / 8]) >> UInt64(available - taken) & (1 << UInt64(taken) - 1)
            value = value << UInt64(taken) | part
            place += taken
            left -= taken
        }
        return value
    }

    /// A number of some bits with a sign, whose highest value stands for itself and not for the lowest.
    mutating func signed(_ count: Int) throws(BlockError) -> Int64 {
        let value = try bits(count)
        if count == 64 { return Int64(bitPattern: value) }
        return value > 1 << UInt64(count - 1) ? Int64(value) - Int64(1) << Int64(count) : Int64(value)
    }

    /// A number in groups of seven bits.
    mutating func varint() throws(BlockError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try bits(8)
            guard shift < 64 else { throw BlockError("a chunk has a number of over 64 bits") }
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// How many bits follow, by the number of ones before them.
    private static let sizes = [0, 3, 6, 9, 12, 18, 25, 56, 64]

    private mutating func size() throws(BlockError) -> Int {
        var ones = 0
        while ones < 8, try bit() { ones += 1 }
        return Self.sizes[ones]
    }

    /// A number in one of nine sizes, with a sign.
    mutating func varbitSigned() throws(BlockError) -> Int64 {
        let size = try size()
        return size == 0 ? 0 : try signed(size)
    }

    /// A number in one of nine sizes, from 0.
    mutating func varbit() throws(BlockError) -> UInt64 {
        let size = try size()
        return size == 0 ? 0 : try bits(size)
    }
}
