import Foundation
import MartletCore
import MartletFiles
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

    private static let labels: LabelSet = ["__name__": "up", "job": "a"]

    @Test func `the write-ahead log is as documented`() throws {
        var head = Head(
            limits: .init(
                retention: 1 << 40,
                outOfOrderWindow: 0,
                futureAllowance: 0,
                seriesMax: 9,
                seriesOfOriginMax: 9,
                seriesOfMetricMax: 9
            ),
            seed: 1
        )
        head.log.sequence = 1
        var batch = SampleBatch()
        let labels = LabelBytes.encode(Self.labels)
        batch.beginSeries(labels: 0..<labels.count)
        batch.add(timestamp: 1000, value: 1)
        batch.add(timestamp: 2000, value: 0.5)
        var session = WriteSession(origin: "")
        _ = head.append(batch, labels.span, &session, now: 5000, oldest: 0)
        var records = head.log.take().records
        LogCodec.seal(&records, salt: 0x1234_5678)
        let file = LogCodec.header(sequence: 1, salt: 0x1234_5678) + records.array
        let actual = hex(file)
        #expect(try actual == hex(example("wal.md")), "\(actual)")
        #expect(LogCodec.fileName(sequence: 1, salt: 0x1234_5678) == "0000000001-12345678.wal")
    }

    @Test func `a segment is as documented`() throws {
        let file = MemoryFile()
        var table = LabelTable(seed: 1)
        _ = table.add(LabelBytes.encode(Self.labels).span, id: 0)
        let plan = SegmentPlan(table) { _ in true }
        let codec = ChunkCodec()
        var sealer = ColumnSealer(
            SegmentWriter(file: file, plan: plan, origin: .init(logSequence: 2), codec: codec),
            codec: codec
        )
        var columns = SeriesColumns()
        for (time, value) in [(1000, 1.0), (2000, 3), (3000, 6)] as [(Int64, Double)] { columns.append(time, value) }
        try sealer.add(columns)
        try sealer.finish()
        let actual = hex(file.bytes.withLock { $0 })
        #expect(try actual == hex(example("segment.md")), "\(actual)")
    }
}

/// A file that is only bytes.
private final class MemoryFile: WritableFile {
    let bytes = Mutex<[UInt8]>([])

    func write(_ new: Span<UInt8>) throws(FileError) {
        let copy = (0..<new.count).map { new[$0] }
        bytes.withLock { $0 += copy }
    }
    func sync() throws(FileError) {}
    func truncate(to size: Int) throws(FileError) { bytes.withLock { $0.removeLast($0.count - size) } }
    func close() throws(FileError) {}
}
