import Foundation
import Testing

/// What the built programs link, and how large they are.
@Suite("Binary")
struct BinaryTests {
    static let release =
        ProcessInfo.processInfo.environment["MARTLET_BINARY"]
        ?? Repository.root.appending(path: ".build/release/martlet").path

    @Test(.enabled(if: FileManager.default.fileExists(atPath: release), "run \"make build\" first"))
    func `the release binary stays below 40 MB`() throws {
        let size = try #require(try FileManager.default.attributesOfItem(atPath: Self.release)[.size] as? Int)
        #expect(size < 40_000_000, "it has \(size) bytes")
    }

    /// The debug build links the Swift runtime dynamically, so that `ldd` shows each part of it.
    @Test func `the server links no full Foundation`() throws {
        let binary = Repository.root.appending(path: ".build/debug/martlet").path
        let (status, output) = try Repository.run("ldd", binary)
        #expect(status == 0, "\(output)")
        #expect(output.contains("libswiftCore.so"))
        #expect(!output.contains("libFoundation.so"))
        #expect(!output.contains("lib_FoundationICU.so"))
        // What only the browser in the terminal needs is linked as an archive.
        #expect(!output.contains("ncurses"))
        #expect(!output.contains("tinfo"))
    }

    @Test func `a service that imports Martlet links neither Foundation nor a C library of System`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-consumer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = folder.appending(path: "Sources/consumer")
        try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
        try """
        // swift-tools-version: 6.2
        import PackageDescription
        let package = Package(
            name: "consumer",
            dependencies: [.package(name: "martlet", path: "\(Repository.root.path)")],
            targets: [.executableTarget(name: "consumer", dependencies: [.product(name: "Martlet", package: "martlet")])]
        )
        """.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
        try """
        import Martlet
        let visits = Counter("visits_total", help: "Visits.")
        visits.increment()
        print(String(decoding: ExpositionRenderer(.text).render(MetricRegistry.default.gather()), as: UTF8.self))
        """.write(to: sources.appending(path: "main.swift"), atomically: true, encoding: .utf8)
        let build = try Repository.run("swift", "build", "--package-path", folder.path)
        #expect(build.status == 0, "\(build.output)")
        let binary = folder.appending(path: ".build/debug/consumer").path
        let (_, libraries) = try Repository.run("ldd", binary)
        for library in [
            "Foundation", "curl", "microhttpd", "yaml", "re2", "snappy", "libz", "gnutls", "sqlite", "nghttp2",
            "ncurses", "tinfo",
        ] {
            #expect(!libraries.contains(library), "\(libraries)")
        }
        #expect(try Repository.run(binary).output.contains("visits_total 1"))
    }
}
