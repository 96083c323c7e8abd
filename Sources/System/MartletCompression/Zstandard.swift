import CZstd

/// The Zstandard format, one frame at a time.
///
/// - SeeAlso: [RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)
public enum Zstandard {
    /// The bytes compressed, as one frame that tells its size.
    ///
    /// - Parameters:
    ///   - bytes: What to compress.
    ///   - level: How hard to try, from 1 (fast) to 19 (small).
    /// - Returns: A whole frame.
    /// - Precondition: `level` is in `1...19`.
    public static func compress(_ bytes: [UInt8], level: Int = 3) -> [UInt8] {
        precondition((1...19).contains(level), "compression needs a level in 1...19; got \(level)")
        let capacity = ZSTD_compressBound(bytes.count)
        return unsafe Array(unsafeUninitializedCapacity: capacity) { output, count in
            let size = unsafe bytes.withUnsafeBytes { input in
                unsafe ZstandardContexts.shared.withCompressor { context in
                    unsafe ZSTD_compressCCtx(
                        context,
                        output.baseAddress,
                        output.count,
                        input.baseAddress,
                        input.count,
                        Int32(level)
                    )
                }
            }
            // It fails only for want of memory, where Swift's own allocations stop the program too.
            precondition(ZSTD_isError(size) == 0, "zstd has no memory")
            count = size
        }
    }

    /// The bytes that a frame stands for.
    ///
    /// - Parameters:
    ///   - bytes: One whole frame.
    ///   - limit: The largest result to accept, in bytes; as much is reserved where the frame does not tell its size.
    /// - Returns: The decompressed bytes.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        let told = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The two largest numbers say that the size is not known, and that this is no frame.
        guard told != UInt64.max - 1 else { throw .damaged("zstd data has no frame at its start") }
        guard told == .max || told <= UInt64(limit) else { throw .tooLarge(limit: limit) }
        var problem: CompressionError?
        let result = unsafe [UInt8](unsafeUninitializedCapacity: told == .max ? limit : Int(told)) { output, count in
            let size = unsafe bytes.withUnsafeBytes { input in
                unsafe ZstandardContexts.shared.withDecompressor { context in
                    unsafe ZSTD_decompressDCtx(
                        context,
                        output.baseAddress,
                        output.count,
                        input.baseAddress,
                        input.count
                    )
                }
            }
            if ZSTD_isError(size) != 0 {
                problem = .damaged("zstd data is damaged: \(unsafe String(cString: ZSTD_getErrorName(size)))")
                return
            }
            count = size
        }
        if let problem { throw problem }
        return result
    }
}
