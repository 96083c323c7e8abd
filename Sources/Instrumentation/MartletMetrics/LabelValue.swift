/// An enumeration whose cases are the values of a label, or the states of a state set.
///
/// ```swift
/// enum Method: String, LabelValue { case get, post }
/// ```
///
/// Its cases carry nothing, and `allCases` lists them in the order of their declaration, as the compiler's own does.
public protocol LabelValue: CaseIterable, Sendable {
    /// The text of a case.
    var labelText: String { get }
}

extension LabelValue where Self: RawRepresentable<String> {
    /// The raw value.
    public var labelText: String { rawValue }
}

extension LabelValue {
    /// The name of the case.
    public var labelText: String { "\(self)" }

    /// The place of the case among all, which is how it is stored.
    @inlinable @inline(__always)
    var labelIndex: Int {
        // Safety: an enumeration without payloads is its case's number, in as many bytes as the number needs.
        switch MemoryLayout<Self>.size {
        case 0: 0
        case 1: unsafe Int(unsafeBitCast(self, to: UInt8.self))
        case 2: unsafe Int(unsafeBitCast(self, to: UInt16.self))
        default: slowLabelIndex
        }
    }

    @usableFromInline
    var slowLabelIndex: Int {
        let text = labelText
        return Self.allCases.enumerated().first { $0.element.labelText == text }?.offset ?? 0
    }

    /// Whether cases are stored as their places, which look-ups rely on.
    static var isIndexed: Bool {
        _isPOD(Self.self) && MemoryLayout<Self>.size <= 2
            && allCases.enumerated().allSatisfy { $0.offset == $0.element.labelIndex }
    }
}
