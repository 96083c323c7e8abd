import MartletAudit
import MartletDigest

/// The system's SHA-256, as the ledger wants it.
struct AuditHashes: AuditHashing {
    func sha256(_ bytes: Span<UInt8>) -> AuditHash { AuditHash(SHA256.hash(bytes).span) }

    func hmac(_ bytes: Span<UInt8>, key: AuditHash) -> AuditHash {
        AuditHash(SHA256.authenticationCode(bytes, key: key.bytes).span)
    }
}

/// Verifies a ledger by its files, for the command line.
public struct AuditFiles: Sendable {
    private let directory: String

    /// Looks at the ledger of a data directory.
    public init(dataDirectory: String) {
        directory = dataDirectory + "/audit"
    }

    /// The report of a verification as JSON.
    ///
    /// - Parameters:
    ///   - head: A head that was kept elsewhere, the line of JSON that was published.
    ///   - key: A key that was kept elsewhere, as ``keyLine()`` gave it.
    /// - Returns: The same object that `/api/v1/audit/verify` answers.
    /// - Throws: An error that describes itself where head, key or files cannot be read.
    public func verify(head: String?, key: String?) throws -> [UInt8] {
        try AuditAPI.report(directory, head: head, key: key)
    }

    /// The key in force, as one line, to be kept where nobody who can change the ledger can read it.
    ///
    /// - Returns: Its epoch, a blank, and sixty-four hexadecimal digits; `nil` where there is no ledger.
    public func keyLine() -> String? {
        AuditLedger.keyLine(directory)
    }
}
