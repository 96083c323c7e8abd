// Safety: the memory is the writer's own. Everything is written below `at` after `reserve(_:)` has made sure that there
// is room, and nothing is read but what was written.

/// Writes protobuf messages from their end to their beginning, so that each length is known when it is written and
/// nothing is ever moved.
///
/// The fields of a message are written last to first; `finish(_:_:)` puts tag and length before what was written since a
/// mark.
@safe
struct WireWriter: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var at: Int

    init(capacity: Int) {
        unsafe memory = .allocate(byteCount: max(64, capacity), alignment: 8)
        self.capacity = max(64, capacity)
        at = self.capacity
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// How many bytes were written; the mark of a message that begins here.
    @inline(__always)
    var count: Int { capacity &- at }

    /// What was written.
    func bytes() -> [UInt8] {
        let (count, start) = (count, unsafe UnsafeRawPointer(memory + at))
        return unsafe Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            if count > 0 {
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: .init(start: start, count: count))
            }
            initialized = count
        }
    }

    /// Makes room, so that as many bytes can be written without asking again.
    @inline(__always)
    mutating func reserve(_ bytes: Int) {
        if at < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        let larger = max(2 * capacity, capacity + bytes)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        let used = count
        unsafe (fresh + (larger - used)).copyMemory(from: memory + at, byteCount: used)
        unsafe memory.deallocate()
        unsafe memory = unsafe fresh
        capacity = larger
        at = larger - used
    }

    @inline(__always)
    mutating func byte(_ byte: UInt8) {
        reserve(1)
        at &-= 1
        unsafe memory.storeBytes(of: byte, toByteOffset: at, as: UInt8.self)
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        if value < 0x80 { return byte(UInt8(truncatingIfNeeded: value)) }
        longVarint(value)
    }

    private mutating func longVarint(_ value: UInt64) {
        let size = (70 &- value.leadingZeroBitCount) / 7
        reserve(size)
        at &-= size
        var rest = value
        for place in 0..<(size &- 1) {
            unsafe memory.storeBytes(
                of: UInt8(truncatingIfNeeded: rest) | 0x80,
                toByteOffset: at &+ place,
                as: UInt8.self
            )
            rest >>= 7
        }
        unsafe memory.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: at &+ size &- 1, as: UInt8.self)
    }

    // MARK: Fields, by their tags

    /// Puts tag and length before what was written since the mark.
    @inline(__always)
    mutating func finish(_ tag: UInt8, _ mark: Int) {
        varint(UInt64(truncatingIfNeeded: count &- mark))
        byte(tag)
    }

    @inline(__always)
    mutating func number(_ tag: UInt8, _ value: UInt64) {
        varint(value)
        byte(tag)
    }

    @inline(__always)
    mutating func number(_ tag: UInt8, ifSet value: UInt64) {
        if value != 0 { number(tag, value) }
    }

    @inline(__always)
    mutating func fixed64(_ tag: UInt8, _ value: UInt64) {
        reserve(9)
        at &-= 9
        unsafe memory.storeBytes(of: tag, toByteOffset: at, as: UInt8.self)
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: at &+ 1, as: UInt64.self)
    }

    /// A `fixed32` whose tag has two bytes, the lower one first.
    mutating func fixed32(longTag tag: UInt16, _ value: UInt32) {
        reserve(6)
        at &-= 6
        unsafe memory.storeBytes(of: tag.littleEndian, toByteOffset: at, as: UInt16.self)
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: at &+ 2, as: UInt32.self)
    }

    mutating func fixed32(_ tag: UInt8, _ value: UInt32) {
        reserve(5)
        at &-= 5
        unsafe memory.storeBytes(of: tag, toByteOffset: at, as: UInt8.self)
        unsafe memory.storeBytes(of: value.littleEndian, toByteOffset: at &+ 1, as: UInt32.self)
    }

    /// Eight bytes, the most significant first.
    @inline(__always)
    mutating func id(_ tag: UInt8, _ bits: UInt64) {
        reserve(10)
        at &-= 10
        unsafe memory.storeBytes(of: tag, toByteOffset: at, as: UInt8.self)
        unsafe memory.storeBytes(of: 8, toByteOffset: at &+ 1, as: UInt8.self)
        unsafe memory.storeBytes(of: bits.bigEndian, toByteOffset: at &+ 2, as: UInt64.self)
    }

    /// Sixteen bytes, the most significant first.
    @inline(__always)
    mutating func id(_ tag: UInt8, _ high: UInt64, _ low: UInt64) {
        reserve(18)
        at &-= 18
        unsafe memory.storeBytes(of: tag, toByteOffset: at, as: UInt8.self)
        unsafe memory.storeBytes(of: 16, toByteOffset: at &+ 1, as: UInt8.self)
        unsafe memory.storeBytes(of: high.bigEndian, toByteOffset: at &+ 2, as: UInt64.self)
        unsafe memory.storeBytes(of: low.bigEndian, toByteOffset: at &+ 10, as: UInt64.self)
    }

    @inline(__always)
    mutating func text(_ tag: UInt8, _ text: String) {
        let bytes = text.utf8Span.span
        let count = bytes.count
        reserve(count &+ 11)
        at &-= count
        let place = unsafe memory + at
        unsafe bytes.withUnsafeBufferPointer {
            if let start = $0.baseAddress { unsafe place.copyMemory(from: start, byteCount: count) }
        }
        number(tag, UInt64(truncatingIfNeeded: count))
    }

    @inline(__always)
    mutating func text(_ tag: UInt8, ifSet text: String) {
        if !text.isEmpty { self.text(tag, text) }
    }

    mutating func bytes(_ tag: UInt8, _ bytes: [UInt8]) {
        let count = bytes.count
        reserve(count &+ 11)
        at &-= count
        let place = unsafe memory + at
        unsafe bytes.withUnsafeBytes {
            if let start = $0.baseAddress { unsafe place.copyMemory(from: start, byteCount: count) }
        }
        number(tag, UInt64(truncatingIfNeeded: count))
    }
}
