import Foundation
import MartletAudit
import MartletCore
import MartletDigest
import MartletFiles
import MartletTestKit
import Testing

/// SHA-256 of the system's library, as the server gives it to the ledger.
struct Hashes: AuditHashing {
    func sha256(_ bytes: Span<UInt8>) -> AuditHash { AuditHash(SHA256.hash(bytes).span) }

    func hmac(_ bytes: Span<UInt8>, key: AuditHash) -> AuditHash {
        AuditHash(SHA256.authenticationCode(bytes, key: key.bytes).span)
    }
}

/// A directory for one test, removed with it.
final class Folder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString)").path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    var blocks: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/blocks")) ?? []).sorted()
    }

    /// The ledger in this directory.
    func open(
        clock: ManualClock,
        _ change: (inout AuditConfiguration) -> Void = { _ in },
        publish: @escaping @Sendable (AuditHead) -> Void = { _ in }
    ) throws -> AuditLedger {
        var configuration = AuditConfiguration(directory: path)
        configuration.blockEventsMax = 100
        change(&configuration)
        return try AuditLedger(configuration, hashing: Hashes(), clock: clock, publish: publish)
    }

    func verify(head: AuditHead? = nil, key: AuditKey? = nil) throws -> AuditReport {
        try AuditVerifier(path, hashing: Hashes()).verify(head: head, key: key)
    }
}

/// An event as the library writes it, with a number to tell it by.
func event(_ number: Int) -> [UInt8] {
    Array(
        #"{"timestamp":"2026-11-21T12:00:00Z","actor":"ann","operation":"secret.read","resource":"key/\#(number)","outcome":"success"}"#
            .utf8
    )
}

/// Random numbers from a seed, the same everywhere.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
