// Safety: the pointer is to constant data of the binary (see `init`), so sharing it between threads is sound.

/// Bytes in the program's own image: they live as long as the process and never change.
@safe
public struct StaticBytes: @unchecked Sendable {
    let start: UnsafeRawPointer

    /// How many bytes.
    public let count: Int

    /// Wraps constant data of the program's image, such as an embedded file.
    ///
    /// - Precondition: The bytes have an address and live, unchanged, as long as the process.
    public init(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { preconditionFailure("constant data has an address") }
        unsafe self.start = unsafe start
        count = bytes.count
    }
}
