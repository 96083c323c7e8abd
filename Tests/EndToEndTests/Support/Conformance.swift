import Foundation

/// Test data of other projects, which lie beside the checkout.
enum Conformance {
    /// Where they are: `MARTLET_CONFORMANCE_DIR`, or `../shared/conformance` from the root of the repository.
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"] { return URL(filePath: path) }
        return Tools.root.appending(path: "../shared/conformance").standardizedFileURL
    }()
}
