/// Whole records of a log, put together in memory; see ``RecordFormat``.
package protocol RecordBytes: Sendable {
    /// How many bytes there are.
    var count: Int { get }

    /// Lends the bytes.
    func withBytes<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result

    /// Writes a number over four bytes, the low one first.
    ///
    /// - Precondition: The four bytes are there.
    mutating func replace(at place: Int, with number: UInt32)
}

extension [UInt8]: RecordBytes {
    /// Lends the bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(span)
    }

    /// Writes a number over four bytes, the low one first.
    package mutating func replace(at place: Int, with number: UInt32) {
        for byte in 0..<4 { self[place + byte] = UInt8(truncatingIfNeeded: number >> UInt32(8 * byte)) }
    }
}
