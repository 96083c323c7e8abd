import Foundation
import MartletCore
import MartletFiles
import MartletOTLP
import MartletPatterns
import Testing

@testable import MartletEvents
@testable import MartletLogStore

@Suite("Blocks of logs of before")
struct EarlierBlockTests {
    /// Writes a block's codes as planes again, plain (version 1) or compressed by granules (version 2).
    private func makeEarlier(_ path: String, version: UInt32) throws {
        let file = try BlockFile(try POSIXFileSystem().map(path), path: path)
        let reader = try LogBlockReader(try LogBlock(file, codec: ZstandardCodec()))
        let codes = try MessageCodes(reader)
        try #require(!file.has(LogSections.templates))
        let writer = BlockWriter(number: file.number, version: version)
        for name in file.columnNames where name != LogSections.codes && name != LogSections.codeEnds {
            writer.add(name, try file.column(name))
        }
        var (low, high, packed, ends): ([UInt8], [UInt8], [UInt8], [Int64]) = ([], [], [], [])
        for number in 0..<reader.granuleCount {
            let granule = try codes.granule(number, .all)
            let first = low.count
            var at = granule.place(0)
            while at.place < granule.count {
                low.append(UInt8(granule.code(at) & 255))
                high.append(UInt8(granule.code(at) >> 8))
                at = granule.next(at)
            }
            if number == 0 { packed = [UInt8](repeating: 0, count: 9) }
            PackedBytes.append(Array(low[first...]) + Array(high[first...]), ZstandardCodec(), level: 3, to: &packed)
            ends.append(Int64(packed.count))
        }
        if version == 1 {
            writer.add(LogSections.planes(2), low + high)
        } else {
            var head: [UInt8] = []
            head.append(littleEndian: UInt64(low.count))
            head.append(2)
            packed.replaceSubrange(0..<9, with: head)
            writer.add(LogSections.packedPlanes, packed)
            writer.add(LogSections.packedPlaneEnds, IntegerColumnWriter.encode(ends))
        }
        writer.finish(
            count: file.count,
            times: file.times,
            logSequence: file.logSequence,
            sealedAt: file.sealedAt
        )
        let files = POSIXFileSystem()
        try files.remove(path)
        let output = try files.create(path)
        try writer.write(to: output)
        try output.sync()
        try output.close()
    }

    @Test(arguments: [UInt32(1), 2])
    func `answer as before, and are written anew`(version: UInt32) throws {
        let directory = TemporaryDirectory()
        let configuration = EventConfiguration(directory: directory.path)
        func open() throws -> LogStore {
            try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        }
        var store = try open()
        // More than 256 words, so that some codes are long, more than one granule, and nothing like a template.
        let colours = ["red", "blue", "green", "black", "white"]
        let texts = (0..<3000).map { number in
            let ending = [1, 5, 25, 125, 625, 3125].map { colours[number * 7919 % 15_625 / $0 % 5] }
            return "request word\(String(repeating: "x", count: number % 7)) of q\(String(number % 600, radix: 36))z, "
                + ending.joined(separator: " ")
        }
        let entries = texts.enumerated().map {
            LogEntry(time: 1_700_000_000_000_000_000 + UInt64($0), severity: 9, body: .string($1))
        }
        _ = try store.append(LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])]))
        try store.sealAll()
        let questions = ["\"request word\"", "wordxx q5z", "\"of q7z\"", "q*", "/wordx+ of q1[0-9]z/", "-wordx"]
        func counts() throws -> [Int] { try questions.map { try store.search($0).matched } }
        let expected = try counts()
        #expect(expected == [429, 0, 5, 3000, 43, 2571])
        try store.close()
        try makeEarlier(directory.path + "/blocks/0000000001.block", version: version)
        store = try open()
        #expect(try counts() == expected)
        #expect(try store.search("q5z").records.last?.entry.body.text == texts[5])
        try store.compactAll()
        #expect(try counts() == expected)
        #expect(try store.search("q5z").records.last?.entry.body.text == texts[5])
        try store.close()
        let path = directory.path + "/blocks/0000000002.block"
        #expect(try BlockFile(try POSIXFileSystem().map(path), path: path).version == 6)
    }
}
