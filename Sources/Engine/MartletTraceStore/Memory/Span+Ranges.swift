import MartletEvents
import MartletFiles

// Safety: loads stay inside of the bounds that are checked first.

extension Span<UInt8> {
    /// Whether two ranges hold the same bytes.
    ///
    /// - Precondition: Both lie in the bytes.
    @inline(__always)
    func areEqual(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        guard first.count == second.count else { return false }
        return isEqual(extracting(second), at: first.lowerBound)
    }

    /// Whether all bytes of another span stand at a place.
    ///
    /// - Precondition: As many bytes are there.
    @inline(__always)
    func isEqual(_ other: Span<UInt8>, at start: Int) -> Bool {
        let size = other.count
        precondition(start >= 0 && start <= count - size)
        return unsafe withUnsafeBytes { own in
            unsafe other.withUnsafeBytes { other in
                guard let first = own.baseAddress, let second = other.baseAddress else { return true }
                return unsafe Self.isEqual(first + start, second, size)
            }
        }
    }

    /// Words that overlap rather than byte by byte: most texts have fewer than 32 bytes.
    @unsafe
    @inline(__always)
    static func isEqual(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer, _ size: Int) -> Bool {
        func difference<Word: FixedWidthInteger>(_ place: Int, _: Word.Type) -> Word {
            unsafe first.loadUnaligned(fromByteOffset: place, as: Word.self)
                ^ second.loadUnaligned(fromByteOffset: place, as: Word.self)
        }
        if size >= 8 {
            var place = 0
            while place < size &- 8 {
                if difference(place, UInt64.self) != 0 { return false }
                place &+= 8
            }
            return difference(size &- 8, UInt64.self) == 0
        }
        if size >= 4 { return difference(0, UInt32.self) | difference(size &- 4, UInt32.self) == 0 }
        if size == 0 { return true }
        return difference(0, UInt8.self) | difference(size / 2, UInt8.self) | difference(size &- 1, UInt8.self) == 0
    }
}
