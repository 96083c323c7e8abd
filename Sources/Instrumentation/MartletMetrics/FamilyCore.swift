public import CMartletCells
public import Synchronization

// Safety: a core is made once for each instrument, never changed and never freed, and keeps its instrument alive; the
// tables it points to are made for readers on any thread.

/// What look-ups in a family need, in memory that stays: handles hold its address.
@safe @usableFromInline
struct FamilyCore: ~Copyable {
    /// The address of the quick table, which the family changes as it grows; the first word, where C finds it.
    @usableFromInline let quick: Atomic<UInt>
    @usableFromInline let family: OpaquePointer
    @usableFromInline let bounds: UnsafePointer<martlet_bounds>
    @usableFromInline let control: UInt32
    @usableFromInline let labelCount: UInt32
    /// Of a family by enumerations: the cell of the first child, and how far apart their cells are.
    @usableFromInline let firstCell: UInt32
    @usableFromInline let stride: UInt32
    @usableFromInline let width: Int
    @usableFromInline let instrument: Unmanaged<Instrument>
}

/// A family that look-ups lead through; only the library uses it.
@safe
public struct FamilyReference: @unchecked Sendable {
    @usableFromInline let core: UnsafePointer<FamilyCore>

    @inlinable @inline(__always)
    init(_ core: UnsafePointer<FamilyCore>) {
        unsafe self.core = unsafe core
    }

    @inlinable @inline(__always)
    var control: UInt32 { unsafe core.pointee.control }

    @inlinable @inline(__always)
    var bounds: UnsafePointer<martlet_bounds> { unsafe core.pointee.bounds }

    var instrument: Instrument { unsafe core.pointee.instrument.takeUnretainedValue() }
}

// A Swift string is two words. The top bit of the second says that nobody counts references to it: then it is either at
// most 15 bytes that are in the words themselves, or a literal, whose address never means another text.

extension FamilyReference {
    @inlinable @inline(__always)
    static func words(_ text: String) -> (UInt64, UInt64) {
        #if _pointerBitWidth(_64) && _endian(little)
        unsafe unsafeBitCast(text, to: (UInt64, UInt64).self)
        #else
        (0, 0)
        #endif
    }

    /// The words of a text that is part of the program: its address and length, marked as no `String` is.
    @inlinable @inline(__always)
    static func words(_ text: StaticString) -> (UInt64, UInt64) {
        unsafe (UInt64(UInt(bitPattern: text.utf8Start)), UInt64(text.utf8CodeUnitCount) | 1 << 62)
    }

    // The hash and the lines are those of the C side's quick table: what it notes is found here.

    @inlinable @inline(__always)
    func quickLine(_ high: UInt64, _ low: UInt64) -> UnsafePointer<Atomic<UInt64>>? {
        let product = (high ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: low ^ 0xD1B5_4A32_D192_ED03)
        let hash = UInt(UInt32(truncatingIfNeeded: product.high ^ product.low))
        let table = unsafe core.pointee.quick.load(ordering: .acquiring)
        guard let base = unsafe UnsafePointer<Atomic<UInt>>(bitPattern: table) else { return nil }
        let offset = unsafe hash & base.pointee.load(ordering: .relaxed)
        return unsafe UnsafePointer(bitPattern: table &+ 64 &+ offset)
    }

    @inlinable @inline(__always)
    func cell(_ a: (UInt64, UInt64)) -> UInt32 {
        guard let line = unsafe quickLine(a.0, a.1) else { return slowCell(a) }
        var difference = unsafe line[1].load(ordering: .acquiring) ^ a.1
        difference |= unsafe line[0].load(ordering: .relaxed) ^ a.0
        guard _fastPath(difference == 0) else { return slowCell(a) }
        return unsafe UInt32(truncatingIfNeeded: line[6].load(ordering: .relaxed))
    }

    @inlinable @inline(__always)
    func cell(_ a: (UInt64, UInt64), _ b: (UInt64, UInt64)) -> UInt32 {
        guard let line = unsafe quickLine(a.0, b.0 ^ a.1 ^ (b.1 &<< 7)) else { return slowCell(a, b) }
        var difference = unsafe line[1].load(ordering: .acquiring) ^ a.1
        difference |= unsafe line[0].load(ordering: .relaxed) ^ a.0
        difference |= unsafe line[2].load(ordering: .relaxed) ^ b.0
        difference |= unsafe line[3].load(ordering: .relaxed) ^ b.1
        guard _fastPath(difference == 0) else { return slowCell(a, b) }
        return unsafe UInt32(truncatingIfNeeded: line[6].load(ordering: .relaxed))
    }

    @inlinable @inline(__always)
    func cell(_ a: (UInt64, UInt64), _ b: (UInt64, UInt64), _ c: (UInt64, UInt64)) -> UInt32 {
        let high = a.0 ^ (c.0 &* 0xA076_1D64_78BD_642F)
        let low = b.0 ^ a.1 ^ (b.1 &<< 7) ^ (c.1 &<< 13)
        guard let line = unsafe quickLine(high, low) else { return slowCell(a, b, c) }
        var difference = unsafe line[1].load(ordering: .acquiring) ^ a.1
        difference |= unsafe line[0].load(ordering: .relaxed) ^ a.0
        difference |= unsafe line[2].load(ordering: .relaxed) ^ b.0
        difference |= unsafe line[3].load(ordering: .relaxed) ^ b.1
        difference |= unsafe line[4].load(ordering: .relaxed) ^ c.0
        difference |= unsafe line[5].load(ordering: .relaxed) ^ c.1
        guard _fastPath(difference == 0) else { return slowCell(a, b, c) }
        return unsafe UInt32(truncatingIfNeeded: line[6].load(ordering: .relaxed))
    }

    // The slow ways. By words: the text is in them, or they lead to a literal; nobody need keep it alive.

    static func text(_ words: (UInt64, UInt64)) -> String {
        guard words.1 >> 62 == 1 else { return unsafe unsafeBitCast(words, to: String.self) }
        let start = unsafe UnsafePointer<UInt8>(bitPattern: UInt(truncatingIfNeeded: words.0))
        let count = Int(truncatingIfNeeded: words.1 & ~(1 << 62))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    @usableFromInline @inline(never)
    func slowCell(_ a: (UInt64, UInt64)) -> UInt32 {
        let cell = slowCell(FamilyReference.text(a))
        note([a.0, a.1, 0, 0, 0, 0], cell)
        return cell
    }

    @usableFromInline @inline(never)
    func slowCell(_ a: (UInt64, UInt64), _ b: (UInt64, UInt64)) -> UInt32 {
        let cell = slowCell(FamilyReference.text(a), FamilyReference.text(b))
        note([a.0, a.1, b.0, b.1, 0, 0], cell)
        return cell
    }

    @usableFromInline @inline(never)
    func slowCell(_ a: (UInt64, UInt64), _ b: (UInt64, UInt64), _ c: (UInt64, UInt64)) -> UInt32 {
        let cell = slowCell(FamilyReference.text(a), FamilyReference.text(b), FamilyReference.text(c))
        note([a.0, a.1, b.0, b.1, c.0, c.1], cell)
        return cell
    }

    private func note(_ words: InlineArray<6, UInt64>, _ cell: UInt32) {
        unsafe words.span.withUnsafeBufferPointer { words in
            guard unsafe martlet_family_may_note_words(core.pointee.family, words.baseAddress) else { return }
            unsafe instrument.note(words.baseAddress, cell)
        }
    }

    @usableFromInline @inline(never)
    func slowCell(_ first: String) -> UInt32 {
        check(1)
        return unsafe withText(first) { a in
            let found = unsafe martlet_family_find1(core.pointee.family, a.bytes, a.count)
            return unsafe found != 0 ? found : newCell([a])
        }
    }

    @usableFromInline @inline(never)
    func slowCell(_ first: String, _ second: String) -> UInt32 {
        check(2)
        return unsafe withText(first) { a in
            unsafe withText(second) { b in
                let found = unsafe martlet_family_find2(core.pointee.family, a.bytes, a.count, b.bytes, b.count)
                return unsafe found != 0 ? found : newCell([a, b])
            }
        }
    }

    @usableFromInline @inline(never)
    func slowCell(_ first: String, _ second: String, _ third: String) -> UInt32 {
        check(3)
        return unsafe withText(first) { a in
            unsafe withText(second) { b in
                unsafe withText(third) { c in
                    let found = unsafe martlet_family_find3(
                        core.pointee.family,
                        a.bytes,
                        a.count,
                        b.bytes,
                        b.count,
                        c.bytes,
                        c.count
                    )
                    return unsafe found != 0 ? found : newCell([a, b, c])
                }
            }
        }
    }

    @inline(__always)
    private func check(_ count: UInt32) {
        precondition(
            unsafe core.pointee.labelCount == count,
            "\(instrument.descriptor.name) has labels \(instrument.descriptor.labelNames); got \(count) values"
        )
    }

    /// The cell of a child that is not there yet, or is beyond the limit.
    private func newCell<let count: Int>(_ texts: InlineArray<count, martlet_text>) -> UInt32 {
        unsafe texts.span.withUnsafeBufferPointer { texts in
            guard let values = texts.baseAddress else { return Instrument.inertCell }
            return unsafe instrument.cell(for: values)
        }
    }
}

/// Calls a function with the bytes of a text, which are where the text keeps them.
@inline(__always)
func withText<Result>(_ text: String, _ body: (martlet_text) -> Result) -> Result {
    let result = unsafe text.utf8.withContiguousStorageIfAvailable {
        unsafe body(martlet_text(bytes: $0.baseAddress, count: $0.count))
    }
    if let result { return result }
    var copy = text
    return copy.withUTF8 { unsafe body(martlet_text(bytes: $0.baseAddress, count: $0.count)) }
}
