import CNettle

/// The hash function SHA-256, and codes made with it.
///
/// - SeeAlso: [RFC 6234](https://www.rfc-editor.org/rfc/rfc6234), [RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)
public enum SHA256 {
    /// How many bytes a hash has.
    public static let byteCount = 32

    /// The hash of bytes.
    ///
    /// - Complexity: O(*n*).
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        // Safety: the digest has the 32 bytes that are written.
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            unsafe bytes.withUnsafeBufferPointer { unsafe martlet_sha256($0.baseAddress, $0.count, digest.baseAddress) }
            count = byteCount
        }
    }

    /// The code that authenticates bytes with a key: HMAC-SHA-256.
    ///
    /// - Complexity: O(*n*).
    public static func authenticationCode(_ bytes: Span<UInt8>, key: [UInt8]) -> [UInt8] {
        // Safety: as above.
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe key.withUnsafeBufferPointer { key in
                    unsafe martlet_hmac_sha256(
                        key.baseAddress,
                        key.count,
                        bytes.baseAddress,
                        bytes.count,
                        digest.baseAddress
                    )
                }
            }
            count = byteCount
        }
    }
}
