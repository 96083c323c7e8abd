import MartletFiles

// Safety: `reserve` keeps room for what is about to be stored, eight bytes of slack included; the object owns its memory.

/// Bytes being put together; cheaper a byte than an array.
@safe final class ByteWriter: RecordBytes, @unchecked Sendable {
    private(set) var count = 0
    private var capacity: Int
    private var base: UnsafeMutablePointer<UInt8>

    init(capacity: Int = 256) {
        self.capacity = max(64, capacity)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Forgets the bytes but keeps the memory.
    func clear() { count = 0 }

    /// Forgets the bytes, and memory above a bound.
    func clear(keeping bound: Int) {
        count = 0
        guard capacity > bound else { return }
        unsafe base.deallocate()
        capacity = 4096
        unsafe base = .allocate(capacity: capacity)
    }

    /// Cuts off what is behind a place.
    func cut(to place: Int) {
        precondition(place >= 0 && place <= count)
        count = place
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        if count + more + 8 > capacity { grow(more) }
    }

    private func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more + 8)
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe bigger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = bigger
    }

    @inline(__always)
    func put(byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte
        count += 1
    }

    /// Puts the lowest bytes of a number, low byte first.
    @inline(__always)
    func put(_ word: UInt64, bytes: Int) {
        precondition(bytes >= 0 && bytes <= 8)
        reserve(8)
        unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        count += bytes
    }

    @inline(__always)
    func put(_ number: UInt32) { put(UInt64(number), bytes: 4) }

    @inline(__always)
    func put(_ number: Int64) { put(UInt64(bitPattern: number), bytes: 8) }

    @inline(__always)
    func putVarint(_ number: UInt64) {
        reserve(10)
        var rest = number
        while rest >= 0x80 {
            unsafe base[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count += 1
            rest >>= 7
        }
        unsafe base[count] = UInt8(truncatingIfNeeded: rest)
        count += 1
    }

    @inline(__always)
    func putZigzag(_ number: Int64) { putVarint(zigzag(number)) }

    func put(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe (base + count).update(from: start, count: source.count) }
        }
        count += bytes.count
    }

    func put(_ bytes: [UInt8]) { put(bytes.span) }

    /// Puts zeros up to a multiple of a number.
    func pad(to multiple: Int) {
        while count % multiple != 0 { put(byte: 0) }
    }

    func replace(at place: Int, with number: UInt32) {
        precondition(place >= 0 && place + 4 <= count)
        unsafe UnsafeMutableRawPointer(base + place).storeBytes(of: number.littleEndian, as: UInt32.self)
    }

    /// Lends the bytes.
    @inline(__always)
    func withBytes<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(unsafe Span(_unsafeStart: base, count: count))
    }

    /// A copy of the bytes.
    var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }
}
