/// A file of a block, read in pieces; the port to whatever holds it.
public protocol BlockBytes {
    /// How many bytes the file has.
    var count: Int { get }

    /// Some bytes of it.
    ///
    /// - Precondition: The range lies in the file.
    /// - Throws: An error of the file's own.
    func read(_ range: Range<Int>) throws -> [UInt8]
}

extension [UInt8]: BlockBytes {
    /// Some of the bytes.
    public func read(_ range: Range<Int>) -> [UInt8] { Array(self[range]) }
}
