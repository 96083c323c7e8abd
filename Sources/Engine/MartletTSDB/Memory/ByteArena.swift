#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: places come from `append` and lie within one chunk; both ends are checked by the slab before memory is read.

/// Many small pieces of bytes that are kept for as long as the whole.
@safe struct ByteArena: Sendable {
    private let bytes = Slab<UInt8>(shift: 20)

    /// The longest piece.
    static let pieceMax = 1 << 20

    /// The bytes taken from the system.
    var byteCount: Int { bytes.byteCount }

    /// Keeps a piece.
    ///
    /// - Returns: Its place.
    /// - Precondition: It has at most ``pieceMax`` bytes.
    func append(_ piece: Span<UInt8>) -> Int {
        let place = bytes.reserveTogether(piece.count)
        unsafe bytes.withPointer(at: place, count: piece.count) { target in
            unsafe piece.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { unsafe target.update(from: base, count: source.count) }
            }
        }
        return place
    }

    /// Whether a piece consists of certain bytes.
    @inline(__always)
    func equals(_ place: Int, _ count: Int, _ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe bytes.withPointer(at: place, count: count) { own in
            unsafe other.withUnsafeBufferPointer { other in
                guard let base = other.baseAddress else { return true }
                return unsafe memcmp(own, base, count) == 0
            }
        }
    }

    /// Lends a piece.
    @inline(__always)
    func withPiece<Result>(_ place: Int, _ count: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        unsafe bytes.withPointer(at: place, count: count) { own in
            body(unsafe Span(_unsafeStart: own, count: count))
        }
    }

    /// Whether a piece comes before some bytes, byte by byte.
    func isBefore(_ place: Int, _ count: Int, _ other: Int, _ otherCount: Int) -> Bool {
        unsafe bytes.withPointer(at: place, count: count) { own in
            unsafe bytes.withPointer(at: other, count: otherCount) { theirs in
                let order = unsafe memcmp(own, theirs, min(count, otherCount))
                return order == 0 ? count < otherCount : order < 0
            }
        }
    }
}
