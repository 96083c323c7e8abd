import Foundation
import Testing

@Suite("Guide")
struct GuideTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where the modules of this very build are, and the maps of the C ones.
    private static func modules() -> (swift: String, maps: [String])? {
        // The test bundle lies beside the directory of the modules.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        if let bundle = CommandLine.arguments.first(where: { $0.hasSuffix(".xctest") }) {
            folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        }
        let swift = folder.appendingPathComponent("Modules").path
        guard FileManager.default.fileExists(atPath: swift + "/Martlet.swiftmodule") else { return nil }
        let own = ["CMartletCells", "CMartletSpans", "CMartletHost"].map {
            folder.appendingPathComponent("\($0).build/module.modulemap")
        }
        let system = GuideTests.root.appendingPathComponent("Sources/System")
        let libraries = (try? FileManager.default.contentsOfDirectory(atPath: system.path)) ?? []
        let others = libraries.sorted().map { system.appendingPathComponent("\($0)/module.modulemap") }
        return (swift, (own + others).map(\.path).filter(FileManager.default.fileExists(atPath:)))
    }

    /// The pages with samples; those of a library stand in functions, the others run as programs do.
    @Test(arguments: [
        ("metrics-model", 8, true), ("tracing", 6, true), ("propagation", 4, true), ("sampling", 3, true),
        ("health", 2, false), ("supervision", 2, false), ("logging", 7, false),
        ("audit", 2, false),
    ])
    func `each sample of a page compiles`(name: String, least: Int, isLibrary: Bool) throws {
        let modules = try #require(GuideTests.modules(), "the modules of this build were not found")
        let page = GuideTests.root.appendingPathComponent("docs/guide/\(name).md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let samples = text.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        #expect(samples.count >= least)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guide-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (number, sample) in samples.enumerated() {
            // A build of the library alone has no MartletExport.
            let hasExport = FileManager.default.fileExists(atPath: modules.swift + "/MartletExport.swiftmodule")
            if sample.contains("import MartletExport"), !hasExport { continue }
            let file = folder.appendingPathComponent("Sample\(number).swift")
            try sample.write(to: file, atomically: true, encoding: .utf8)
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            var arguments = ["swiftc", "-typecheck", "-swift-version", "6", "-warnings-as-errors", "-I", modules.swift]
            for map in modules.maps { arguments += ["-Xcc", "-fmodule-map-file=\(map)"] }
            if isLibrary { arguments.append("-parse-as-library") }
            compiler.arguments = arguments + [file.path]
            let output = Pipe()
            compiler.standardError = output
            compiler.standardOutput = output
            try compiler.run()
            let said = output.fileHandleForReading.readDataToEndOfFile()
            compiler.waitUntilExit()
            #expect(compiler.terminationStatus == 0, "sample \(number): \(String(decoding: said, as: UTF8.self))")
        }
    }
}
