import Foundation
import MartletExposition
import Testing

/// Cases of other projects that come out otherwise, each with its reason; a case that comes out right must leave the list.
private let expositionGaps: [String: String] = [:]

@Suite("Exposition conformance")
struct ExpositionConformanceTests {
    static let folder = URL(
        fileURLWithPath: ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"] ?? "../shared/conformance"
    )

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

    private struct Expectation: Decodable { var shouldParse: Bool }

    /// Notes a case that came out wrong, unless it is known to; and one that is known to, but came out right.
    private func judge(_ name: String, isRight: Bool, _ detail: @autoclosure () -> String) {
        if let reason = expositionGaps[name] {
            #expect(!isRight, "\(name) comes out right; take it off the list of gaps (\(reason))")
        } else {
            #expect(isRight, "\(name): \(detail())")
        }
    }

    @Test(.enabled(if: isPresent, "no conformance data; set MARTLET_CONFORMANCE_DIR"))
    func `the strict check tells valid OpenMetrics texts from others`() throws {
        let root = Self.folder.appendingPathComponent("openmetrics")
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
        var passed = 0
        for name in names where !name.hasPrefix("README") {
            let folder = root.appendingPathComponent(name)
            let text = [UInt8](try Data(contentsOf: folder.appendingPathComponent("metrics")))
            let expectation = try JSONDecoder().decode(
                Expectation.self,
                from: Data(contentsOf: folder.appendingPathComponent("test.json"))
            )
            let errors = ExpositionLint.check(text, format: .openMetrics).filter(\.isError)
            let isRight = errors.isEmpty == expectation.shouldParse
            if isRight { passed += 1 }
            judge("openmetrics/\(name)", isRight: isRight, "expected \(expectation.shouldParse), got \(errors)")
        }
        print("openmetrics: \(passed) of \(names.count - 1) cases")
        #expect(passed > 0)
    }

    @Test(.enabled(if: isPresent, "no conformance data; set MARTLET_CONFORMANCE_DIR"))
    func `the scraper tells texts it can read from others`() throws {
        let root = Self.folder.appendingPathComponent("textparse")
        let lines = try String(contentsOf: root.appendingPathComponent("cases.jsonl"), encoding: .utf8)
            .split(separator: "\n")
        var passed = 0
        for (number, line) in lines.enumerated() {
            let (format, input, isValid) = try Self.textCase(line)
            let isRight = reads(input, format) == isValid
            if isRight { passed += 1 }
            judge("textparse/\(number + 1)", isRight: isRight, String(line))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("valid").path) {
            let url = root.appendingPathComponent("valid").appendingPathComponent(name)
            let format: ExpositionFormat = name.contains(".om.") ? .openMetrics : .text
            let isRight = reads([UInt8](try Data(contentsOf: url)), format)
            if isRight { passed += 1 }
            judge("textparse/valid/\(name)", isRight: isRight, "expected it to be read")
        }
        print("textparse: \(passed) cases")
        #expect(passed > 0)
    }

    private func reads(_ bytes: [UInt8], _ format: ExpositionFormat) -> Bool {
        var parser = ExpositionParser(bytes, format: format)
        do {
            while try parser.next() != nil {}
            return true
        } catch {
            return false
        }
    }

    /// A case's fields.
    ///
    /// A lone surrogate `\udcXX` stands for the byte XX, which JSON readers refuse to decode.
    private static func textCase(_ line: Substring) throws -> (ExpositionFormat, [UInt8], Bool) {
        struct Case: Decodable {
            var format: String
            var input: String
            var ok: Bool
        }
        let marker = "\u{E0FF}"
        let readable = line.replacingOccurrences(of: "\\udcff", with: marker)
        let found = try JSONDecoder().decode(Case.self, from: Data(readable.utf8))
        var bytes: [UInt8] = []
        for (index, part) in found.input.components(separatedBy: marker).enumerated() {
            if index > 0 { bytes.append(0xFF) }
            bytes += Array(part.utf8)
        }
        return (try ExpositionFormat(named: found.format), bytes, found.ok)
    }
}
