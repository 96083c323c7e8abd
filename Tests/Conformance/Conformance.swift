import Foundation
import Testing

/// Where other projects' test data lies; tests of it are skipped, visibly, when it is absent.
enum Conformance {
    static let directory: String = {
        if let named = ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"] { return named }
        let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return checkout.appending(path: "../shared/conformance").standardized.path
    }()

    static func contents(_ path: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(path)", encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(directory)/\(path)") }
}
