import MartletBlocks
import MartletCore
import Testing

@Suite("Blocks of Prometheus")
struct BlockTests {
    /// The index of a block that Prometheus 2.42 wrote of three series of three to five samples.
    private static let index = hexadecimal(
        """
        baaad700020000001b0000000700085f5f6e616d655f5f01660168026866036a6f62017894f5d61e000000000000000010020102
        050601e0bbb9d2bf6890bf05087774c715000000000000000000000010020103050601e0bbb9d2bf68b0ea0135b94f2951000000
        000000000000000010020104050601e0bbb9d2bf68b0ea016dcb4b776e0000000000001400000001000000030000000200000003
        00000004d06f3f440000000c000000010000000100000006c1eeeb51000000100000000300000003000000050000000706376b9b
        000000080000000100000003a7692ed200000008000000010000000581c8c93a00000008000000010000000760f3b9cd00000010
        0000000300000003000000050000000706376b9b000000170000000201085f5f6e616d655f5f880101036a6f62a4012d5a105000
        00003d00000005020000b80102085f5f6e616d655f5f0166d00102085f5f6e616d655f5f0168e00102085f5f6e616d655f5f0268
        66f00102036a6f62017880020a83c9c4000000000000000500000000000000280000000000000085000000000000011800000000
        000000b800000000000001376bb2cfe0
        """
    )

    /// The chunks of that block: one of numbers, one of integer histograms, one of float histograms.
    private static let chunks = hexadecimal(
        """
        85bd40dd0100000027010005e0bbb9d2bf683ff800000000000098754000e03fffedfffd7ff71d4bf3efcfe43c8800759c74ac35
        8c3202000300ff3f50624dd2f1a9fc8ca568ce317f0000d0fe93977862a280240000000000013bc9f0753148ec0715e2bdf687c8
        dcef3e7eef4c03000300744647f0000d0fe93977820060000000000001ff00000000000001ffc0000000000001ff800000000000
        020000000000000007c1d4c6b17fb01e137fffb01ed0697ac2e0016137ffe06beb2727
        """
    )

    private static let start: Int64 = 1_795_248_566_000

    private static func hexadecimal(_ text: String) -> [UInt8] {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func series(_ bytes: [UInt8]) throws -> [BlockIndex.Series] {
        var index = try BlockIndex(bytes)
        var list: [BlockIndex.Series] = []
        while let series = try index.nextSeries() { list.append(series) }
        #expect(index.seriesBytesRead == index.seriesByteCount)
        return list
    }

    private static func samples(_ series: BlockIndex.Series, _ bytes: [UInt8]) throws -> [(Int64, BlockChunk.Sample)] {
        var samples: [(Int64, BlockChunk.Sample)] = []
        for chunk in series.chunks {
            #expect(chunk.file == 0)
            try BlockChunk.read(bytes, at: chunk.offset) { samples.append(($0, $1)) }
            #expect(samples.last?.0 == chunk.maxTime)
        }
        return samples
    }

    @Test func `an index names the series and where their samples are`() throws {
        let series = try Self.series(Self.index)
        #expect(series.map(\.labels["__name__"]) == ["f", "h", "hf"])
        #expect(series.map(\.labels["job"]) == ["x", "x", "x"])
        #expect(series.map(\.chunks.first?.minTime) == Array(repeating: Self.start, count: 3))
        #expect(series.map(\.chunks.first?.offset) == [8, 53, 109])
    }

    @Test func `a chunk of numbers`() throws {
        let samples = try Self.samples(try Self.series(Self.index)[0], Self.chunks)
        #expect(samples.map { $0.0 - Self.start } == [0, 15_000, 30_001, 45_001, 90_000])
        let values = samples.map { if case .number(let value) = $0.1 { value } else { Double.infinity } }
        #expect(values[0] == 1.5)
        #expect(values[1] == 1.5)
        #expect(values[2] == -2.25)
        #expect(values[3].isNaN)
        #expect(values[4] == 1e300)
    }

    @Test func `a chunk of integer histograms`() throws {
        let samples = try Self.samples(try Self.series(Self.index)[1], Self.chunks)
        #expect(samples.map { $0.0 - Self.start } == [0, 15_000, 30_000])
        let histograms = samples.compactMap { if case .histogram(let value) = $0.1 { value } else { nil } }
        #expect(histograms.map(\.schema) == [1, 1, 1])
        #expect(histograms.map(\.zeroThreshold) == [0.001, 0.001, 0.001])
        #expect(histograms.map(\.count) == [10, 14, 17])
        #expect(histograms.map(\.sum) == [4.5, 6.5, 7.25])
        #expect(histograms.map(\.zeroCount) == [1, 2, 2])
        #expect(histograms.map(\.positiveBuckets) == [[3, 2, 4], [4, 3, 4], [5, 4, 5]])
        #expect(histograms.map(\.negativeBuckets) == [[0], [1], [1]])
        #expect(histograms[0].positiveSpans.map(\.offset) == [-2, 3])
        #expect(histograms[0].positiveSpans.map(\.length) == [2, 1])
        #expect(histograms[0].negativeSpans.map(\.length) == [1])
    }

    @Test func `a chunk of float histograms`() throws {
        let samples = try Self.samples(try Self.series(Self.index)[2], Self.chunks)
        let histograms = samples.compactMap { if case .histogram(let value) = $0.1 { value } else { nil } }
        #expect(histograms.map(\.schema) == [0, 0, 0])
        #expect(
            histograms.map(\.zeroThreshold)
                == Array(repeating: Double(sign: .plus, exponent: -128, significand: 1), count: 3)
        )
        #expect(histograms.map(\.count) == [3.5, 4.75, 6])
        #expect(histograms.map(\.sum) == [1.5, 2.5, 3.5])
        #expect(histograms.map(\.zeroCount) == [0.5, 0.75, 1])
        #expect(histograms.map(\.positiveBuckets) == [[1, 2], [1.5, 2.5], [2.5, 2.5]])
    }

    @Test func `every truncation and flipped bit is an error or leaves other series alone`() throws {
        for count in Self.index.indices {
            #expect(throws: BlockError.self) { _ = try BlockIndex(Array(Self.index[..<count])) }
        }
        for place in Self.index.indices {
            var bytes = Self.index
            bytes[place] ^= 1 << UInt8(place % 8)
            _ = try? Self.series(bytes)
        }
        let series = try Self.series(Self.index)
        for place in Self.chunks.indices {
            var bytes = Self.chunks
            bytes[place] ^= 1 << UInt8(place % 8)
            for series in series {
                guard let offset = series.chunks.first?.offset else { continue }
                // A chunk has a checksum: what is read is either right or an error.
                if let read = try? Self.samples(series, bytes), place > offset {
                    #expect(read.count == (series.labels["__name__"] == "f" ? 5 : 3))
                }
            }
        }
        for count in 0..<Self.chunks.count {
            _ = try? BlockChunk.read(Array(Self.chunks[..<count]), at: 8) { _, _ in }
        }
    }

    @Test func `other files are told from chunks and tombstones`() throws {
        #expect(throws: Never.self) { try BlockChunk.check(Self.chunks) }
        #expect(throws: BlockError.self) { try BlockChunk.check(Self.index) }
        #expect(throws: BlockError.self) { try BlockChunk.check([1]) }
        #expect(throws: BlockError.self) { _ = try BlockIndex(Self.chunks) }
        #expect(try Tombstones([0x01, 0x30, 0xba, 0x30, 1, 0, 0, 0, 0]).ranges(of: 3).isEmpty)
        #expect(throws: BlockError.self) { _ = try Tombstones([0x01, 0x30, 0xba, 0x30, 1, 3, 0, 2, 0, 0, 0, 0]) }
        #expect(throws: BlockError.self) { _ = try Tombstones(Self.index) }
        #expect(Tombstones().ranges(of: 1).isEmpty)
    }
}
