// Safety: the memory is the writer's own, and nothing is read but what was written. Everything is written below `at`, by
// pens for which there was enough room.

/// Writes protobuf messages from their end to their beginning, so that each length is known when it is written and
/// nothing is ever moved.
///
/// The fields of a message are written last to first; `finish(_:_:)` puts tag and length before what was written since a
/// mark. Each of the writer's own fields looks for room; the ones that a request has thousands of are written with a
/// ``WirePen``.
@safe
struct WireWriter: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var at: Int

    /// How many bytes a field without its content takes at most, and as many as a pen may write in front.
    static let fieldMax = 40

    /// Whether the memory is somebody else's.
    private var isLent = true

    /// Where the attributes of the span that was written last stand, by their places: how many bytes there were before
    /// each in the upper half, and how many it has.
    private var written = InlineArray<16, UInt64>(repeating: 0)

    /// How many places are known.
    static var writtenMax: Int { 16 }

    private init(_ room: UnsafeMutableRawBufferPointer, _ memory: UnsafeMutableRawPointer) {
        unsafe self.memory = unsafe memory
        capacity = room.count
        at = room.count
    }

    deinit {
        if !isLent { unsafe memory.deallocate() }
    }

    /// The bytes that a function writes, last field first.
    ///
    /// They are written into the array that is given back. What is more than that has room for moves to memory of the
    /// writer's own and is copied in the end: a guess that is too low costs time, one that is too high memory.
    static func bytes(about guess: Int, _ body: (inout WireWriter) -> Void) -> [UInt8] {
        var larger: [UInt8]?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(512, guess)) { buffer, initialized in
            let room = UnsafeMutableRawBufferPointer(buffer)
            guard let memory = room.baseAddress else { return }
            var writer = unsafe WireWriter(room, memory)
            body(&writer)
            if writer.isLent {
                unsafe memory.copyMemory(from: memory + writer.at, byteCount: writer.count)
                initialized = writer.count
            } else {
                larger = unsafe [UInt8](UnsafeRawBufferPointer(start: writer.memory + writer.at, count: writer.count))
            }
        }
        return larger ?? bytes
    }

    /// How many bytes were written; the mark of a message that begins here.
    @inline(__always)
    var count: Int { capacity &- at }

    // MARK: Room

    /// A pen that may write so many bytes.
    @unsafe
    @inline(__always)
    mutating func pen(for bytes: Int) -> WirePen {
        if at < bytes { grow(bytes) }
        return unsafe WirePen(memory + at)
    }

    /// Takes over what a pen has written.
    @unsafe
    @inline(__always)
    mutating func take(_ pen: WirePen) {
        at = unsafe UnsafeRawPointer(pen.at) - UnsafeRawPointer(memory)
    }

    /// Remembers where an attribute stands that was written since a mark.
    @inline(__always)
    mutating func noteWritten(_ place: Int, since mark: Int) {
        written[place] = UInt64(truncatingIfNeeded: mark) << 32 | UInt64(truncatingIfNeeded: count &- mark)
    }

    /// Writes an attribute once more that is known to stand at a place.
    @unsafe
    @inline(__always)
    mutating func repeatWritten(_ place: Int) {
        let (mark, size) = (Int(written[place] >> 32), Int(written[place] & 0xffff_ffff))
        var pen = unsafe pen(for: size &+ WireWriter.fieldMax)
        unsafe pen.copy(memory + (capacity &- mark &- size), size)
        unsafe take(pen)
    }

    /// How many bytes there are with those of a pen.
    @unsafe
    @inline(__always)
    func count(upTo pen: WirePen) -> Int {
        capacity &- (unsafe UnsafeRawPointer(pen.at) - UnsafeRawPointer(memory))
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        let larger = max(2 * capacity, capacity + bytes)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        let used = count
        unsafe (fresh + (larger - used)).copyMemory(from: memory + at, byteCount: used)
        if !isLent { unsafe memory.deallocate() }
        isLent = false
        unsafe memory = unsafe fresh
        capacity = larger
        at = larger - used
    }

    // MARK: Fields, by their tags

    /// Puts tag and length before what was written since the mark.
    mutating func finish(_ tag: UInt8, _ mark: Int) {
        number(tag, UInt64(truncatingIfNeeded: count &- mark))
    }

    mutating func number(_ tag: UInt8, _ value: UInt64) {
        var pen = unsafe pen(for: WireWriter.fieldMax)
        unsafe pen.number(tag, value)
        unsafe take(pen)
    }

    mutating func number(_ tag: UInt8, ifSet value: UInt64) {
        if value != 0 { number(tag, value) }
    }

    mutating func fixed64(_ tag: UInt8, _ value: UInt64) {
        var pen = unsafe pen(for: WireWriter.fieldMax)
        unsafe pen.fixed64(tag, value)
        unsafe take(pen)
    }

    mutating func fixed32(_ tag: UInt8, _ value: UInt32) {
        var pen = unsafe pen(for: WireWriter.fieldMax)
        unsafe pen.fixed32(tag, value)
        unsafe take(pen)
    }

    /// Eight bytes, the most significant first.
    mutating func id(_ tag: UInt8, _ bits: UInt64) {
        var pen = unsafe pen(for: WireWriter.fieldMax)
        unsafe pen.id(tag, bits)
        unsafe take(pen)
    }

    /// Sixteen bytes, the most significant first.
    mutating func id(_ tag: UInt8, _ high: UInt64, _ low: UInt64) {
        var pen = unsafe pen(for: WireWriter.fieldMax)
        unsafe pen.id(tag, high, low)
        unsafe take(pen)
    }

    mutating func text(_ tag: UInt8, _ text: String) {
        let words = TextWords(text)
        guard words.count >= 0 else { return bytes(tag, Array(text.utf8)) }
        var pen = unsafe pen(for: words.count + WireWriter.fieldMax)
        unsafe pen.text(tag, words)
        unsafe take(pen)
        withExtendedLifetime(text) {}
    }

    mutating func text(_ tag: UInt8, ifSet text: String) {
        if !text.utf8.isEmpty { self.text(tag, text) }
    }

    mutating func bytes(_ tag: UInt8, _ bytes: [UInt8]) {
        var pen = unsafe pen(for: bytes.count + WireWriter.fieldMax)
        unsafe bytes.withUnsafeBytes { unsafe pen.text(tag, TextWords($0)) }
        unsafe take(pen)
    }
}
