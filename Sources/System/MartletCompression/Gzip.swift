/// The gzip format, as `Content-Encoding: gzip` names it.
///
/// - SeeAlso: [RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)
public enum Gzip {
    /// The bytes compressed, as one member.
    ///
    /// - Parameters:
    ///   - bytes: What to compress.
    ///   - level: How hard to try, from 1 (fast) to 9 (small).
    /// - Returns: A whole gzip file.
    /// - Precondition: `level` is in `0...9`.
    public static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
        DeflateStream.compress(bytes, level: level, container: .gzip)
    }

    /// The bytes that a gzip file stands for, all its members one after the other.
    ///
    /// Work stops at the limit, so that a bomb costs no more than the limit in memory.
    ///
    /// - Parameters:
    ///   - bytes: One whole gzip file.
    ///   - limit: The largest result to accept, in bytes.
    /// - Returns: The decompressed bytes.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        try DeflateStream.decompress(bytes, limit: limit, container: .gzip)
    }
}
