/// The zlib format, which HTTP calls `Content-Encoding: deflate`.
///
/// - SeeAlso: [RFC 1950](https://www.rfc-editor.org/rfc/rfc1950)
public enum Deflate {
    /// The bytes compressed.
    ///
    /// - Parameters:
    ///   - bytes: What to compress.
    ///   - level: How hard to try, from 1 (fast) to 9 (small).
    /// - Returns: A whole zlib stream.
    /// - Precondition: `level` is in `0...9`.
    public static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
        DeflateStream.compress(bytes, level: level, container: .zlib)
    }

    /// The bytes that a zlib stream stands for; work stops at the limit.
    ///
    /// - Parameters:
    ///   - bytes: One whole zlib stream.
    ///   - limit: The largest result to accept, in bytes.
    /// - Returns: The decompressed bytes.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        try DeflateStream.decompress(bytes, limit: limit, container: .zlib)
    }
}
