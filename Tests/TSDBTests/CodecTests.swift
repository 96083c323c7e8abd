import MartletCore
import MartletSeries
import Testing

@testable import MartletTSDB

@Suite("Codecs")
struct CodecTests {
    @Test(
        arguments: [
            ("", 0), ("a", 0xc1d0_4330), ("123456789", 0xe306_9283), (String(repeating: "\0", count: 32), 0x8a91_36aa),
        ] as [(String, UInt32)]
    )
    func `CRC-32C has the known values`(text: String, expected: UInt32) {
        let bytes = Array(text.utf8)
        let whole = CRC32C.checksum(bytes.span)
        #expect(whole == expected)
        var inParts = CRC32C()
        inParts.add(bytes.span.extracting(0..<(bytes.count / 3)))
        inParts.add(bytes.span.extracting((bytes.count / 3)..<bytes.count))
        #expect(inParts.value == expected)
    }

    @Test func `varints read back, and refuse what is none`() {
        for value in [0, 1, 127, 128, 16_383, 16_384, UInt64.max] {
            var bytes: [UInt8] = []
            Varint.append(value, to: &bytes)
            var at = 0
            let read = Varint.read(bytes.span, &at)
            #expect(read == value)
            #expect(at == bytes.count)
        }
        for bytes in [[], [0x80], Array(repeating: 0xff, count: 10), Array(repeating: 0x80, count: 11)] as [[UInt8]] {
            var at = 0
            let read = Varint.read(bytes.span, &at)
            #expect(read == nil)
        }
        for value in [0, -1, 1, .min, .max] as [Int64] { #expect(Varint.unzigzag(Varint.zigzag(value)) == value) }
    }

    /// Values that are hard on an encoder.
    static let hardValues: [Double] = [
        0, -0.0, 1, -1, 0.1, 1e300, -1e-300, .infinity, -.infinity, .nan, StaleMarker.value, .greatestFiniteMagnitude,
        .leastNonzeroMagnitude, 9_007_199_254_740_992, -9_007_199_254_740_994, 123_456.789,
        Double(bitPattern: 0xffff_ffff_ffff_ffff),
    ]

    @Test func `value tokens keep every bit`() {
        for value in Self.hardValues {
            for base in [0, 5, -1_000_000] as [Int64] {
                var bytes: [UInt8] = []
                ValueToken.append(value, base: base, to: &bytes)
                var at = 0
                let read = ValueToken.read(bytes.span, &at, base: base)?.value
                #expect(read?.bitPattern == value.bitPattern)
                #expect(at == bytes.count)
            }
        }
    }

    private func roundTrip(_ timestamps: [Int64], _ values: [Double], _ comment: String) {
        let chunk = Chunk(timestamps: timestamps[...], values: values[...])
        var decoder = ChunkDecoder()
        let isChunk = decoder.decode(chunk.bytes.span)
        #expect(isChunk, "\(comment)")
        #expect(decoder.timestamps == timestamps, "\(comment)")
        #expect(decoder.values.map(\.bitPattern) == values.map(\.bitPattern), "\(comment)")
        var open = OpenChunk()
        for (timestamp, value) in zip(timestamps, values) { open.append(timestamp, value) }
        let closed = open.close()
        #expect(closed?.bytes == chunk.bytes, "\(comment)")
        #expect(open.count == 0)
    }

    @Test func `hard values keep every bit`() {
        for count in 1...Self.hardValues.count {
            roundTrip((0..<count).map { Int64($0 * $0) }, Array(Self.hardValues[..<count]), "first \(count)")
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `chunks of many shapes keep every bit`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...120, using: &generator)
        var time = Int64.random(in: -1_000_000...noon, using: &generator)
        var value = Double.random(in: -1000...1000, using: &generator)
        var (timestamps, values): ([Int64], [Double]) = ([], [])
        let steps: [ClosedRange<Int64>] = [15_000...15_000, 14_990...15_010, 1...1_000_000, 1...4_000_000_000_000]
        for _ in 0..<count {
            timestamps.append(time)
            values.append(value)
            time += Int64.random(in: steps[Int(seed % 4)], using: &generator)
            switch seed / 4 % 5 {
            case 0: value += Double(Int.random(in: 0...100, using: &generator))
            case 1: value = (value * 100).rounded() / 100 + 0.25
            case 2: value = Double(bitPattern: .random(in: 0 ... .max, using: &generator))
            case 3: value *= Double.random(in: 0.99...1.01, using: &generator)
            default: break
            }
        }
        roundTrip(timestamps, values, "seed \(seed)")
    }

    @Test func `a damaged chunk never crashes and never shows unordered times`() {
        let timestamps: [Int64] = [1000, 2000, 3010, 4000, 9000]
        for values in [[1, 2, 4, 7, 11], [1.5, 1.5, 1.5, 1.5, 1.5], [0.1, 1 / 3, 2 / 3, .nan, 1]] as [[Double]] {
            let bytes = Chunk(timestamps: timestamps[...], values: values[...]).bytes
            var decoder = ChunkDecoder()
            for count in bytes.indices {
                let isChunk = decoder.decode(Array(bytes[..<count]).span)
                #expect(!isChunk)
            }
            for place in bytes.indices {
                for byte in UInt8.min ... .max {
                    var changed = bytes
                    changed[place] = byte
                    guard decoder.decode(changed.span) else { continue }
                    #expect(zip(decoder.timestamps, decoder.timestamps.dropFirst()).allSatisfy { $0 < $1 })
                    #expect(decoder.timestamps.count == decoder.values.count)
                }
            }
        }
    }

    @Test func `typical series take few bytes a sample`() {
        var generator = SeededGenerator(seed: 7)
        let regular = (0..<120).map { noon + Int64($0) * 15_000 }
        let jittered = regular.map { $0 + Int64.random(in: 0...3, using: &generator) }
        var count = 0.0
        let counter = (0..<120).map { _ in
            count += Double(Int.random(in: 0...50, using: &generator))
            return count
        }
        let gauge = (0..<120).map { _ in Double(Int.random(in: 2000...2400, using: &generator)) / 100 }
        let constant = [Double](repeating: 1, count: 120)
        func bytes(_ timestamps: [Int64], _ values: [Double]) -> Int {
            Chunk(timestamps: timestamps[...], values: values[...]).bytes.count
        }
        #expect(bytes(regular, constant) < 24)
        #expect(bytes(regular, counter) < 120)
        #expect(bytes(jittered, counter) < 200)
        #expect(bytes(jittered, gauge) < 260)
    }

    @Test func `bits read back in any width`() {
        var writer = BitWriter(after: [7])
        for width in 0...64 { writer.write(.max, width: width) }
        let bytes = writer.finish()
        var reader = BitReader(at: 1)
        for width in 0...64 {
            let read = reader.read(bytes.span, width: width)
            let expected: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
            #expect(read == expected)
        }
        #expect(!reader.isPastEnd)
        _ = reader.read(bytes.span, width: 9)
        #expect(reader.isPastEnd)
    }
}
