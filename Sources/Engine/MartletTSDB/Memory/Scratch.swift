// Safety: the object owns its memory from `init` to `deinit`, and every index is checked.

/// A fixed number of plain values to work with, kept from use to use.
@safe final class Scratch<Element: BitwiseCopyable>: @unchecked Sendable {
    let capacity: Int
    private let base: UnsafeMutablePointer<Element>

    init(capacity: Int, filledWith value: Element) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
        unsafe base.initialize(repeating: value, count: capacity)
    }

    deinit { unsafe base.deallocate() }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < capacity)
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < capacity)
            unsafe base[index] = newValue
        }
    }

    /// Lends the first values.
    @inline(__always)
    func withSpan<Result>(_ count: Int, _ body: (Span<Element>) -> Result) -> Result {
        precondition(count >= 0 && count <= capacity)
        return body(unsafe Span(_unsafeStart: base, count: count))
    }
}
