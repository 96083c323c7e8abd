import CSnappy

/// Snappy's block format, as remote write bodies use it.
///
/// - SeeAlso: [Snappy format description](https://github.com/google/snappy/blob/1.1.9/format_description.txt)
public enum Snappy {
    /// One byte of input stands for at most this many bytes of output: a copy of 64 bytes is written in three.
    private static let expansionMax = 22

    /// The bytes compressed.
    ///
    /// - Complexity: O(*n*).
    public static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let capacity = snappy_max_compressed_length(bytes.count)
        return unsafe Array(unsafeUninitializedCapacity: capacity) { output, count in
            var length = capacity
            let status = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe output.withMemoryRebound(to: CChar.self) { output in
                    unsafe input.withMemoryRebound(to: CChar.self) { input in
                        unsafe snappy_compress(input.baseAddress, input.count, output.baseAddress, &length)
                    }
                }
            }
            precondition(status == SNAPPY_OK, "the output has snappy_max_compressed_length bytes")
            count = length
        }
    }

    /// The bytes that a block stands for.
    ///
    /// The length that the block claims is compared with the limit, and with what a block of this size can hold, before
    /// any memory is taken for it.
    ///
    /// - Parameters:
    ///   - bytes: One whole block.
    ///   - limit: The largest result to accept, in bytes.
    /// - Returns: The decompressed bytes.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        let claimed = try credibleLength(of: bytes, limit: limit)
        var isWhole = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: claimed) { output, count in
            var length = claimed
            let status = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe output.withMemoryRebound(to: CChar.self) { output in
                    unsafe input.withMemoryRebound(to: CChar.self) { input in
                        unsafe snappy_uncompress(input.baseAddress, input.count, output.baseAddress, &length)
                    }
                }
            }
            isWhole = status == SNAPPY_OK && length == claimed
            count = isWhole ? claimed : 0
        }
        guard isWhole else { throw .damaged("snappy block of \(bytes.count) bytes is damaged or cut short") }
        return result
    }

    /// Writes the bytes that a block stands for over the beginning of a buffer, which grows where it is too small.
    ///
    /// For those who decompress again and again: a buffer that is kept costs its memory once.
    ///
    /// - Parameters:
    ///   - bytes: One whole block.
    ///   - buffer: What to write to; what stands behind the result keeps its value.
    ///   - limit: The largest result to accept, in bytes.
    /// - Returns: How many bytes there are.
    /// - Throws: ``CompressionError``; the buffer's beginning is undefined then.
    public static func decompress(
        _ bytes: [UInt8],
        into buffer: inout [UInt8],
        limit: Int
    ) throws(CompressionError) -> Int {
        let claimed = try credibleLength(of: bytes, limit: limit)
        if buffer.count < claimed {
            buffer.append(contentsOf: repeatElement(0, count: claimed - buffer.count))
        }
        var length = claimed
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe buffer.withUnsafeMutableBufferPointer { output in
                unsafe output.withMemoryRebound(to: CChar.self) { output in
                    unsafe input.withMemoryRebound(to: CChar.self) { input in
                        unsafe snappy_uncompress(input.baseAddress, input.count, output.baseAddress, &length)
                    }
                }
            }
        }
        guard status == SNAPPY_OK, length == claimed else {
            throw .damaged("snappy block of \(bytes.count) bytes is damaged or cut short")
        }
        return claimed
    }

    /// The length that a block claims, if it is within the limit and a block of this size can hold it.
    private static func credibleLength(of bytes: [UInt8], limit: Int) throws(CompressionError) -> Int {
        let claimed = try claimedLength(of: bytes)
        guard claimed <= limit else { throw .tooLarge(limit: limit) }
        guard claimed <= bytes.count * expansionMax else {
            throw .damaged("snappy block of \(bytes.count) bytes claims to hold \(claimed) bytes, more than it can")
        }
        return claimed
    }

    private static func claimedLength(of bytes: [UInt8]) throws(CompressionError) -> Int {
        var length = 0
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe input.withMemoryRebound(to: CChar.self) { input in
                unsafe snappy_uncompressed_length(input.baseAddress, input.count, &length)
            }
        }
        guard status == SNAPPY_OK else {
            throw .damaged("snappy block of \(bytes.count) bytes does not begin with a length")
        }
        return length
    }
}
