// Safety: what a text of more than 15 bytes leads to is its storage, which lives as long as the text does: whoever makes
// words of a text keeps the text until they are written. Nothing here changes a reference count, which is the point: a
// request of 512 spans has thousands of texts, each of which would be retained and released.

/// A text without a reference to it: its bytes where they are few, and where they stand otherwise.
@safe
struct TextWords {
    /// How many bytes it has; -1 where they do not stand beside each other.
    let count: Int

    /// Whether the bytes are in the words.
    let isSmall: Bool

    /// The first eight bytes of a small text.
    let low: UInt64

    /// The others of a small text.
    let high: UInt64

    /// The bytes of another.
    let start: UnsafeRawPointer?

    /// - Precondition: The text outlives the words.
    @inline(__always)
    init(_ text: borrowing String) {
        let found = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe (UnsafeRawPointer($0.baseAddress), $0.count)
        }
        count = unsafe found?.1 ?? -1
        unsafe start = unsafe found?.0
        #if _pointerBitWidth(_64) && _endian(little)
        // A Swift string is two words; where the bits 63 and 61 of the second are set, its bytes are in them.
        let words = unsafe unsafeBitCast(copy text, to: (UInt64, UInt64).self)
        isSmall = words.1 >> 61 & 0b101 == 0b101
        low = words.0
        high = words.1 & 0x00ff_ffff_ffff_ffff
        #else
        (isSmall, low, high) = (false, 0, 0)
        #endif
    }

    /// Nothing.
    @inline(__always)
    static var none: TextWords { unsafe TextWords(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// - Precondition: The bytes outlive the words.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        unsafe start = bytes.baseAddress
        (isSmall, low, high) = (false, 0, 0)
    }
}
