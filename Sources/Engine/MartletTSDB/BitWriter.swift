/// Packs numbers of any width into bytes, the high bit first.
struct BitWriter {
    private(set) var bytes: [UInt8]
    private var accumulator: UInt64 = 0
    private var used = 0

    /// Continues after some whole bytes.
    init(after bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Appends the low bits of a number.
    mutating func write(_ value: UInt64, width: Int) {
        if width > 32 {
            write(value >> 32, width: width - 32)
            write(value & 0xffff_ffff, width: 32)
            return
        }
        guard width > 0 else { return }
        accumulator = accumulator << UInt64(width) | value & (1 << UInt64(width) - 1)
        used += width
        while used >= 8 {
            used -= 8
            bytes.append(UInt8(truncatingIfNeeded: accumulator >> UInt64(used)))
        }
    }

    /// Fills the last byte with zeros and gives everything back.
    mutating func finish() -> [UInt8] {
        if used > 0 { write(0, width: 8 - used) }
        return bytes
    }
}
