import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import Testing

@testable import MartletTSDB

@Suite("Damaged files")
struct DamageTests {
    let directory = TemporaryDirectory()

    /// Ten batches of two series, each a record of its own; closed.
    private func fill() throws {
        let store = try openStore(directory)
        for step in 0..<10 { try store.append(Self.batch(step)) }
        try store.close()
    }

    private static func batch(_ step: Int) -> [IncomingSample] {
        (0..<2).map { IncomingSample(i: $0, noon + Int64(step), Double(100 * step + $0)) }
    }

    private static func count(_ series: [Series]) throws -> Int {
        for one in series {
            let index = try #require(one.labels["i"].flatMap { Int($0) })
            for sample in one.samples {
                #expect(sample.value == Double(100 * Int(sample.timestamp - noon) + index), "a wrong value is shown")
            }
        }
        return series.reduce(0) { $0 + $1.timestamps.count }
    }

    private func logFile() throws -> String {
        try #require(directory.files(in: "wal").first)
    }

    @Test func `a flipped bit in the log costs one record at most`() throws {
        try fill()
        let path = try logFile()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var counted = 0
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            let copy = try directory.copied()
            try changed.write(to: URL(fileURLWithPath: copy.path + path.dropFirst(directory.path.count)))
            let store = try openStore(copy)
            #expect(try Self.count(store.everything()) >= 18, "flip at byte \(place)")
            let damaged = store.statistics.damagedRecords
            #expect(damaged <= 1, "flip at byte \(place)")
            counted += damaged
        }
        // Only a length in the last record that points beyond the end looks like a stop in the middle of a write.
        #expect(counted > bytes.count - 10)
    }

    @Test func `a log cut anywhere keeps all records before the cut and is no damage`() throws {
        try fill()
        let path = try logFile()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var last = 0
        for count in bytes.indices {
            let copy = try directory.copied()
            try bytes[..<count].write(to: URL(fileURLWithPath: copy.path + path.dropFirst(directory.path.count)))
            let store = try openStore(copy)
            let found = try Self.count(store.everything())
            #expect(found >= last && found % 2 == 0, "cut at byte \(count)")
            last = found
            #expect(store.statistics.damagedRecords == 0, "cut at byte \(count)")
        }
        #expect(last == 18)
    }

    @Test func `a hole of zeros costs the records it touches`() throws {
        try fill()
        let path = try logFile()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let middle = bytes.count / 2
        bytes.replaceSubrange(middle..<(middle + 20), with: Data(count: 20))
        try bytes.write(to: URL(fileURLWithPath: path))
        let store = try openStore(directory)
        #expect((14...18).contains(try Self.count(store.everything())))
        #expect(store.statistics.damagedRecords == 1)
    }

    @Test func `samples can be appended and survive after damage`() throws {
        try fill()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: try logFile()))
        bytes[bytes.count - 3] ^= 0xff
        try bytes.write(to: URL(fileURLWithPath: try logFile()))
        let store = try openStore(directory)
        try store.append(Self.batch(10))
        store.abandon()
        #expect(try Self.count(openStore(directory).everything()) == 20)
    }

    @Test func `a flipped bit in a segment costs one page or sets the segment aside`() throws {
        let store = try openStore(directory)
        for step in 0..<600 {
            try store.append((0..<40).map { IncomingSample(i: $0, noon + Int64(step), Double((step * $0) ^ 0x5a5a)) })
        }
        try store.sealAll()
        let before = try store.everything()
        try store.close()
        let path = try #require(directory.files(in: "segments").first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var (pages, aside) = (0, 0)
        for place in stride(from: 0, to: bytes.count, by: 97) {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            let copy = try directory.copied()
            let target = copy.path + path.dropFirst(directory.path.count)
            try changed.write(to: URL(fileURLWithPath: target))
            #expect(try !TimeSeriesStore.verify(directory: copy.path).isSound)
            let store = try openStore(copy)
            let found = try store.everything()
            let known = Dictionary(uniqueKeysWithValues: before.map { ($0.labels, $0) })
            #expect(found.allSatisfy { known[$0.labels] == $0 }, "flip at byte \(place)")
            #expect(store.statistics.damagedBlocks > 0)
            if store.statistics.segments == 1 {
                pages += 1
                #expect(found.count > 25)
            } else {
                aside += 1
                #expect(FileManager.default.fileExists(atPath: target + ".damaged"))
            }
        }
        #expect(pages > 20 && aside > 1)
    }

    @Test func `a segment cut short is set aside`() throws {
        let store = try openStore(directory)
        try store.append(Self.batch(0))
        try store.sealAll()
        try store.close()
        let path = try #require(directory.files(in: "segments").first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in stride(from: 0, to: bytes.count, by: 7) {
            let copy = try directory.copied()
            let target = copy.path + path.dropFirst(directory.path.count)
            try bytes[..<count].write(to: URL(fileURLWithPath: target))
            let store = try openStore(copy)
            #expect(try store.everything() == [])
            #expect(store.statistics.damagedBlocks == 1)
        }
    }

    @Test func `half-written segments are removed`() throws {
        try openStore(directory).close()
        let path = directory.path + "/segments/7.seg.tmp"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        try openStore(directory).close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
