import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import Testing

@testable import MartletTSDB

@Suite("Files of version 1")
struct UpgradeTests {
    let directory = TemporaryDirectory()

    private static let segment = """
        4d 52 54 53 45 47 00 00 01 00 00 00 00 00 00 00 0c 03 d0 0f d0 0f 06 00 02 04 02 02 80
        00 00 00 00 08 00 00 00 09 00 00 00 0c 00 00 00 0e 00 00 00 5f 5f 6e 61 6d 65 5f 5f 61 6a 6f 62 75 70
        10 00 00 00 00 00 00 00 0d 00 00 00 ee 54 c7 75 e8 03 00 00 00 00 00 00 b8 0b 00 00 00 00 00 00
        03 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00 00 01 00 00 00
        00 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 01 00 00 00 01 00 00 00 01 00 00 00
        00 00 00 00 00 00 00 00 d6 bc 54 1c 00 00 00 00
        4f 8d d8 38 e2 8c a2 92 1d 00 00 00 00 00 00 00 04 00 00 00 0e 00 00 00 01 00 00 00 02 00 00 00
        02 00 00 00 02 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 dd 6d 00 00 00 00 00
        e8 03 00 00 00 00 00 00 b8 0b 00 00 00 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 4d 52 54 53 45 47 46 31
        """

    private static let log = """
        4d 52 54 57 41 4c 00 00 01 00 00 00 01 00 00 00 00 00 00 00 78 56 34 12 6f ec ca f5
        4d 52 45 43 14 00 00 00 1a 1b 01 5b 01 00 02 08 5f 5f 6e 61 6d 65 5f 5f 02 75 70 03 6a 6f 62 01 61
        4d 52 45 43 14 00 00 00 1a 1b 01 5b 01 00 02 08 5f 5f 6e 61 6d 65 5f 5f 02 75 70 03 6a 6f 62 01 61
        4d 52 45 43 0a 00 00 00 1e ce 6d 8b 02 00 d0 0f 04 00 d0 0f 05 3f e0
        """

    private func write(_ hex: String, _ name: String) throws {
        let bytes = hex.split { " \n".contains($0) }.compactMap { UInt8($0, radix: 16) }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(directory.path)/\(name)"))
    }

    private func prepare() throws {
        for folder in ["segments", "wal"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(folder)",
                withIntermediateDirectories: true
            )
        }
        try write("6d 61 72 74 6c 65 74 20 74 69 6d 65 20 73 65 72 69 65 73 20 31 0a", "format")
    }

    @Test func `a segment is converted once`() throws {
        try prepare()
        try write(Self.segment, "segments/1.seg")
        let report = try TimeSeriesStore.verify(directory: directory.path)
        #expect(report.isSound && report.isOldFormat && report.segmentSamples == 3)
        let expected = [
            Series(labels: ["__name__": "up", "job": "a"], timestamps: [1000, 2000, 3000], values: [1, 3, 6])
        ]
        let store = try openStore(directory, at: 5000)
        #expect(try store.everything() == expected)
        try store.close()
        #expect(try directory.files(in: "segments").map { $0.hasSuffix("/2.seg") } == [true])
        #expect(try String(contentsOfFile: directory.path + "/format", encoding: .utf8) == "martlet time series 2\n")
        #expect(try openStore(directory, at: 5000).everything() == expected)
    }

    @Test func `a log is read`() throws {
        try prepare()
        try write(Self.log, "wal/0000000001-12345678.wal")
        let store = try openStore(directory, at: 5000)
        let expected = [Series(labels: ["__name__": "up", "job": "a"], timestamps: [1000, 2000], values: [1, 0.5])]
        #expect(try store.everything() == expected)
        #expect(store.statistics.damagedRecords == 0)
        store.abandon()
        #expect(try openStore(directory, at: 5000).everything() == expected)
    }

    @Test func `a damaged segment is set aside`() throws {
        try prepare()
        try write(Self.segment.replacingOccurrences(of: "61 6a 6f 62", with: "61 6a 6f 63"), "segments/1.seg")
        #expect(try !TimeSeriesStore.verify(directory: directory.path).isSound)
        let store = try openStore(directory, at: 5000)
        #expect(try store.everything() == [])
        #expect(try directory.files(in: "segments").map { $0.hasSuffix("/1.seg.damaged") } == [true])
        try store.close()
        #expect(try TimeSeriesStore.verify(directory: directory.path).problems.count == 1)
    }
}
