/// The engine's port to whatever computes SHA-256.
package protocol AuditHashing: Sendable {
    /// SHA-256 of bytes.
    func sha256(_ bytes: Span<UInt8>) -> AuditHash

    /// HMAC-SHA-256 of bytes.
    func hmac(_ bytes: Span<UInt8>, key: AuditHash) -> AuditHash
}
