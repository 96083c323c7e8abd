/// Where the entries of a repeated field lie, and how many there are.
@usableFromInline
struct WireRun: Sendable {
    @usableFromInline var start = 0
    @usableFromInline var end = 0
    @usableFromInline var count = 0

    @inlinable
    init() {}

    /// Notes an entry whose tag stands at `offset` and that ends at `end`.
    @inlinable
    @inline(__always)
    mutating func note(_ offset: Int, _ end: Int) {
        if count == 0 { start = offset }
        self.end = end
        count += 1
    }

    @inlinable
    var range: Range<Int> { start..<end }
}
