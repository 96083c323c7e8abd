/// Reads numbers from bytes, the high byte first, as Prometheus' files have them.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var at: Int
    private let end: Int
    private let what: String

    init(_ bytes: [UInt8], _ range: Range<Int>? = nil, what: String) {
        self.bytes = bytes
        at = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
        self.what = what
    }

    var isAtEnd: Bool { at >= end }

    mutating func byte() throws(BlockError) -> UInt8 {
        guard at < end else { throw .truncated(what, at: at) }
        defer { at += 1 }
        return bytes[at]
    }

    mutating func fixed(_ size: Int) throws(BlockError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<size { value = value << 8 | UInt64(try byte()) }
        return value
    }

    mutating func unsigned() throws(BlockError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else {
                throw BlockError("\(what) has a number of over 64 bits at byte \(at)")
            }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(BlockError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number that counts or measures something within the bytes.
    mutating func size() throws(BlockError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(end - at) else { throw .truncated(what, at: at) }
        return Int(value)
    }

    mutating func text() throws(BlockError) -> String {
        let count = try size()
        defer { at += count }
        return String(decoding: bytes[at..<(at + count)], as: UTF8.self)
    }
}
