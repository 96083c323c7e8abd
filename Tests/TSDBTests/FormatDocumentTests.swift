import Foundation
import MartletCore
import MartletSeries
import Synchronization
import Testing

@testable import MartletTSDB

/// The worked examples of docs/formats are what the store writes.
@Suite("Format documents")
struct FormatDocumentTests {
    /// The bytes of the first block of hexadecimal digits in a document.
    private func example(_ name: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/formats/\(name)"), encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```hex\n").dropFirst().first)
        let lines = try #require(block.components(separatedBy: "```").first).split(separator: "\n")
        return lines.flatMap { line in
            line.prefix { $0 != "#" }.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
    }

    @Test func `the write-ahead log is as documented`() throws {
        var head = Head(
            limits: .init(retention: 1 << 40, outOfOrderWindow: 0, futureAllowance: 0, seriesMax: 9),
            hashSeed: 1
        )
        head.log.sequence = 1
        let labels: LabelSet = ["__name__": "up", "job": "a"]
        _ = head.append(
            [
                IncomingSample(labels: labels, timestamp: 1000, value: 1),
                IncomingSample(labels: labels, timestamp: 2000, value: 0.5),
            ],
            now: 5000
        )
        var records = head.log.take().bytes
        LogCodec.seal(&records, salt: 0x1234_5678)
        let file = LogCodec.header(sequence: 1, salt: 0x1234_5678) + records
        let actual = hex(file)
        #expect(try actual == hex(example("wal.md")), "\(actual)")
        #expect(LogCodec.fileName(sequence: 1, salt: 0x1234_5678) == "0000000001-12345678.wal")
    }

    @Test func `a segment is as documented`() throws {
        let file = MemoryFile()
        var writer = SegmentWriter(file: file, from: 0, to: 7_200_000, logSequence: 2, hashSeed: 1)
        try writer.add(["__name__": "up", "job": "a"], timestamps: [1000, 2000, 3000], values: [1, 3, 6])
        try writer.finish()
        let actual = hex(file.bytes.withLock { $0 })
        #expect(try actual == hex(example("segment.md")), "\(actual)")
    }
}

/// A file that is only bytes.
private final class MemoryFile: WritableFile {
    let bytes = Mutex<[UInt8]>([])

    func write(_ new: [UInt8]) throws(FileError) { bytes.withLock { $0 += new } }
    func sync() throws(FileError) {}
    func truncate(to size: Int) throws(FileError) { bytes.withLock { $0.removeLast($0.count - size) } }
    func close() throws(FileError) {}
}
