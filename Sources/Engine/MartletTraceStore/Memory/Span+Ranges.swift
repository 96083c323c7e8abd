import MartletEvents

extension Span<UInt8> {
    /// Whether two ranges hold the same bytes.
    ///
    /// - Precondition: Both lie in the bytes.
    @inline(__always)
    func areEqual(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        guard first.count == second.count else { return false }
        return extracting(first).isEqual(extracting(second))
    }
}
