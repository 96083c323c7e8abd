/// Is told what a request with traces holds while it is read.
///
/// Every range lies in the bytes that are read. What is said after ``resource(_:schemaURL:)`` and
/// ``scope(_:schemaURL:)`` belongs to them, also where the sender put them behind.
public protocol TraceVisitor {
    /// The spans of a resource begin; the range holds the message, for ``WireResource``, or is empty.
    mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError)

    /// The spans of a library begin; the range holds the message, for ``WireScope``, or is empty.
    mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError)

    /// A span with valid ids.
    mutating func span(_ span: borrowing WireSpan) throws(OTLPError)

    /// A span that can't be taken; the others can.
    mutating func refuse(_ refusal: SpanRefusal)

    /// A span whose message has not been read yet, for a visitor that knows a shorter way for plain ones.
    ///
    /// - Parameters:
    ///   - message: Where it stands.
    ///   - bytes: The bytes that are scanned.
    /// - Returns: How many attributes it has; `nil` where nothing was taken, and the scanner is to read it.
    mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int?
}

extension TraceVisitor {
    /// Leaves all spans to the scanner.
    @inlinable
    public mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int? { nil }
}
