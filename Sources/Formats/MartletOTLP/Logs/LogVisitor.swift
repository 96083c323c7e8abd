/// Is told what a request with log records holds while it is read.
///
/// Every range lies in the bytes that are read. What is said after ``resource(_:schemaURL:)`` and
/// ``scope(_:schemaURL:)`` belongs to them, also where the sender put them behind.
public protocol LogVisitor {
    /// The records of a resource begin; the range holds the message, for ``WireResource``, or is empty.
    mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError)

    /// The records of a library begin; the range holds the message, for ``WireScope``, or is empty.
    mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError)

    /// A record.
    mutating func log(_ log: borrowing WireLog) throws(OTLPError)

    /// Takes a record as it stands in the bytes, where the visitor knows its form.
    ///
    /// Gives how many attributes the record has, or `nil` to be told of it by ``log(_:)``.
    mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int?

    /// Takes note of a record that cannot be read, though those around it can; throwing ends the walk.
    mutating func refuse(_ reason: OTLPError) throws(OTLPError)
}

extension LogVisitor {
    /// Ends the walk.
    @inlinable
    public mutating func refuse(_ reason: OTLPError) throws(OTLPError) { throw reason }

    /// Wants to be told of every record.
    @inlinable
    public mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int? { nil }
}
