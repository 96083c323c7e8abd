// Safety: the pointer is to constant data of the binary (see `init`), so sharing it between threads is sound.

/// Bytes in the program's own image: they live as long as the process and never change.
public struct StaticBytes: @unchecked Sendable {
    let start: UnsafeRawPointer

    /// How many bytes.
    public let count: Int

    /// Wraps constant data of the program's image, such as an embedded file.
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.baseAddress != nil, "constant data has an address")
        unsafe start = bytes.baseAddress.unsafelyUnwrapped
        count = bytes.count
    }
}
