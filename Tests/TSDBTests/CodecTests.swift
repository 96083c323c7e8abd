import MartletCore
import MartletSeries
import Testing

@testable import MartletFiles
@testable import MartletTSDB

@Suite("Codecs")
struct CodecTests {
    @Test func `numbers with a common factor and numbers around a mean take fewer bits`() {
        var generator = SeededGenerator(seed: 21)
        func size(_ values: [Double]) -> Int {
            let (codec, writer) = (ChunkCodec(), ByteWriter())
            codec.encode(values.span, to: writer)
            var (at, read) = (0, [Double]())
            let isWhole = codec.decode(writer.array.span, &at, count: values.count, into: &read)
            #expect(isWhole && at == writer.count)
            #expect(read == values)
            return writer.count
        }
        // 1,000 numbers of 10 bits each, whatever they are multiplied with.
        let noise = (0..<1000).map { _ in Int.random(in: 0..<1000, using: &generator) }
        #expect(size(noise.map { Double($0 * 4096 + 7) }) < 1420)
        #expect(size(noise.map { Double($0 * 100_000) }) < 1420)
        var sum = 0
        #expect(
            size(
                noise.map { more in
                    sum += more * 1024
                    return Double(sum)
                }
            ) < 1420
        )
    }

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
        var byTables = CRC32C()
        byTables.addByTables(bytes.span)
        #expect(byTables.value == expected)
    }

    @Test func `varints read back, and refuse what is none`() {
        for value in [0, 1, 127, 128, 16_383, 16_384, UInt64.max] {
            var bytes: [UInt8] = []
            bytes.append(varint: value)
            var at = 0
            let read = bytes.span.varint(&at)
            #expect(read == value)
            #expect(at == bytes.count)
        }
        for bytes in [[], [0x80], Array(repeating: 0xff, count: 10), Array(repeating: 0x80, count: 11)] as [[UInt8]] {
            var at = 0
            let read = bytes.span.varint(&at)
            #expect(read == nil)
        }
        for value in [0, -1, 1, .min, .max] as [Int64] { #expect(unzigzag(zigzag(value)) == value) }
    }

    /// Values that are hard on an encoder.
    static let hardValues: [Double] = [
        0, -0.0, 1, -1, 0.1, 1e300, -1e-300, .infinity, -.infinity, .nan, StaleMarker.value, .greatestFiniteMagnitude,
        .leastNonzeroMagnitude, 9_007_199_254_740_992, -9_007_199_254_740_994, 123_456.789,
        Double(bitPattern: 0xffff_ffff_ffff_ffff),
    ]

    private func encoded(_ values: [Double]) -> [UInt8] {
        let writer = ByteWriter()
        ChunkCodec().encode(values.span, to: writer)
        return writer.array
    }

    private func roundTrip(_ timestamps: [Int64], _ values: [Double], _ comment: String) {
        let bytes = encoded(values)
        let codec = ChunkCodec()
        var decoded: [Double] = [7]
        var at = 0
        let isRun = codec.decode(bytes.span, &at, count: values.count, into: &decoded)
        #expect(isRun, "\(comment)")
        #expect(at == bytes.count, "\(comment)")
        #expect(decoded.dropFirst().map(\.bitPattern) == values.map(\.bitPattern), "\(comment)")
        let last = ChunkCodec.last(bytes.span, at: 0)
        #expect(last?.bitPattern == values.last?.bitPattern, "\(comment)")
        let writer = ByteWriter()
        codec.encodeTimes(timestamps.span, to: writer)
        var times: [Int64] = []
        let areTimes = codec.decodeTimes(writer.array.span, count: timestamps.count, into: &times)
        #expect(areTimes && times == timestamps, "\(comment)")
    }

    @Test func `hard values keep every bit`() {
        for count in 1...Self.hardValues.count {
            roundTrip((0..<count).map { Int64($0 * $0 + $0) }, Array(Self.hardValues[..<count]), "first \(count)")
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `chunks of many shapes keep every bit`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...(seed % 3 == 0 ? 4096 : 120), using: &generator)
        var time = Int64.random(in: -1_000_000...noon, using: &generator)
        var value = Double.random(in: -1000...1000, using: &generator)
        var (timestamps, values): ([Int64], [Double]) = ([], [])
        let steps: [ClosedRange<Int64>] = [15_000...15_000, 14_990...15_010, 1...1_000_000, 1...4_000_000_000_000]
        for _ in 0..<count {
            timestamps.append(time)
            values.append(value)
            time += Int64.random(in: steps[Int(seed % 4)], using: &generator)
            switch seed / 4 % 7 {
            case 0: value += Double(Int.random(in: 0...100, using: &generator))
            case 1: value = (value * 100).rounded() / 100 + 0.25
            case 2: value = Double(bitPattern: .random(in: 0 ... .max, using: &generator))
            case 3: value *= Double.random(in: 0.99...1.01, using: &generator)
            case 4: value = Bool.random(using: &generator) ? value + 15_000 : value - 1e6
            case 5: value = Int.random(in: 0...200, using: &generator) == 0 ? 0 : value + 3
            default: break
            }
        }
        roundTrip(timestamps, values, "seed \(seed)")
    }

    @Test func `a damaged run never crashes`() {
        let codec = ChunkCodec()
        for values in [
            [1, 2, 4, 7, 11], [1.5, 1.5, 1.5, 1.5, 1.5], [0.1, 1 / 3, 2 / 3, .nan, 1], [11, 10, 9, 4, 1],
            [1000, 2001, 3000, 4002, 5000], [1, 1e9, 3, 4, 5],
        ] as [[Double]] {
            let bytes = encoded(values)
            for count in bytes.indices {
                var decoded: [Double] = []
                var at = 0
                _ = codec.decode(Array(bytes[..<count]).span, &at, count: 5, into: &decoded)
            }
            for place in bytes.indices {
                for byte in UInt8.min ... .max {
                    var changed = bytes
                    changed[place] = byte
                    var decoded: [Double] = []
                    var at = 0
                    if codec.decode(changed.span, &at, count: 5, into: &decoded) { #expect(decoded.count == 5) }
                    var times: [Int64] = []
                    if codec.decodeTimes(changed.span, count: 5, into: &times) {
                        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 || $0 > .max - 1 << 40 })
                    }
                }
            }
        }
    }

    @Test func `groups of any numbers read back`() {
        var generator = SeededGenerator(seed: 3)
        let numbers = Scratch<UInt64>(capacity: 4096, filledWith: 0)
        let read = Scratch<UInt64>(capacity: 4096, filledWith: 0)
        for count in [1, 31, 32, 33, 64, 65, 300, 4096] {
            for width in [0, 1, 3, 7, 8, 20, 33, 55, 56, 57, 63, 64] {
                for place in 0..<count {
                    let limit: UInt64 = width == 64 ? .max : 1 << UInt64(width) - 1
                    let isOdd = Int.random(in: 0..<40, using: &generator) == 0
                    numbers[place] = .random(in: 0...(isOdd ? .max : limit), using: &generator)
                }
                let writer = ByteWriter()
                GroupPacking().pack(numbers, count: count, to: writer)
                var at = 0
                let isWhole = GroupPacking.unpack(writer.array.span, &at, count: count, of: count, into: read)
                #expect(isWhole && at == writer.count, "\(count) of \(width) bits")
                #expect((0..<count).allSatisfy { numbers[$0] == read[$0] }, "\(count) of \(width) bits")
            }
        }
    }

    @Test func `typical runs take few bytes a value`() {
        var generator = SeededGenerator(seed: 7)
        var count = 0.0
        let counter = (0..<1440).map { _ in
            count += Double(Int.random(in: 0...50, using: &generator))
            return count
        }
        let gauge = (0..<1440).map { _ in Double(Int.random(in: 2000...2400, using: &generator)) / 100 }
        let steady = (0..<1440).map { Double($0) * 15 }
        #expect(encoded([Double](repeating: 1, count: 1440)).count == 2)
        #expect(encoded(steady).count < 10)
        #expect(encoded(counter).count < 1440 * 7 / 8)
        #expect(encoded(gauge).count < 1440 * 11 / 8)
    }

    static let histogram = NativeHistogram(
        resetHint: .notReset,
        schema: 3,
        zeroThreshold: 1e-128,
        zeroCount: 2,
        count: 12,
        sum: 18.4,
        positiveSpans: [.init(offset: -2, length: 2), .init(offset: 1, length: 2)],
        positiveBuckets: [1, 3, 1.5, 4.5],
        negativeSpans: [.init(offset: 0, length: 1)],
        negativeBuckets: [0]
    )

    @Test func `histograms and numbers among them read back`() {
        let custom = NativeHistogram(
            schema: NativeHistogram.customSchema,
            count: 3,
            sum: .nan,
            positiveSpans: [.init(offset: 0, length: 3)],
            positiveBuckets: [1, 1, 1],
            customBounds: [0.5, 1]
        )
        let samples: [NativeHistogram?] = [Self.histogram, Self.histogram, nil, custom, Self.histogram]
        let values = samples.map { $0?.sum ?? 4.25 }
        let writer = ByteWriter()
        HistogramCodec.encode(values, samples, to: writer)
        var (decoded, histograms): ([Double], [NativeHistogram?]) = ([], [])
        var at = 0
        let isWhole = HistogramCodec.decode(writer.array.span, &at, count: 5, into: &decoded, &histograms)
        #expect(isWhole && at == writer.count)
        #expect(histograms == samples)
        #expect(decoded.map(\.bitPattern) == values.map(\.bitPattern))
        let bytes = writer.array
        for place in bytes.indices {
            for change in [1, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[place] ^= change
                var (decoded, histograms): ([Double], [NativeHistogram?]) = ([], [])
                var at = 0
                _ = HistogramCodec.decode(changed.span, &at, count: 5, into: &decoded, &histograms)
            }
        }
    }
}
