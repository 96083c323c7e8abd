import MartletCore
import MartletProtobuf
import Testing

@testable import MartletRemoteRead

@Suite("Remote read")
struct RemoteReadTests {
    private var request: [UInt8] {
        var writer = ProtobufWriter()
        writer.message(1) { query in
            query.integer(1, 1000)
            query.integer(2, 2000)
            query.message(3) {
                $0.integer(1, 2)
                $0.text(2, "job")
                $0.text(3, "a.*")
            }
        }
        writer.unsigned(2, 1)
        writer.unsigned(2, 0)
        return writer.bytes
    }

    @Test func `a request is read with its selections and forms`() throws {
        let read = try ReadRequest(decoding: request)
        #expect(read.accepted == [.streamedChunks, .samples])
        #expect(read.queries.count == 1 && read.queries[0].start == 1000 && read.queries[0].end == 2000)
        #expect(read.queries[0].matchers == [.init(.matches, name: "job", value: "a.*")])
    }

    @Test func `a request cut short anywhere is read or refused, never a crash`() {
        for count in 0..<request.count { _ = try? ReadRequest(decoding: Array(request.prefix(count))) }
        #expect(throws: ReadError.self) { try ReadRequest(decoding: Array(request.dropLast(5))) }
    }

    @Test func `a comparison that the protocol does not know is refused`() {
        var writer = ProtobufWriter()
        writer.message(1) { $0.message(3) { $0.integer(1, 9) } }
        #expect(throws: ReadError.unknownMatcher) { try ReadRequest(decoding: writer.bytes) }
    }

    @Test func `the checksum is CRC-32C`() {
        #expect(Castagnoli.checksum(Array("123456789".utf8)) == 0xe306_9283)
    }

    /// Worked by hand after the format: two samples, 1000 ms and 2000 ms, both 1.5.
    @Test func `a chunk holds times as deltas and values as differences`() {
        let bytes = XORChunk.encode([1000, 2000], [1.5, 1.5])
        #expect(bytes == [0x00, 0x02, 0xd0, 0x0f, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xe8, 0x07, 0x00])
    }

    @Test func `chunks read back as what was packed`() throws {
        var state: UInt64 = 7
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for round in 0..<200 {
            var time = Int64(random(1 << 40))
            let samples = (0..<(1 + random(120))).map { _ -> (Int64, Double) in
                time += Int64([15_000, 1, 70_000, 600_000, 1 << 33][Int(random(5))]) + Int64(random(20))
                let values = [1.5, Double(random(1000)), Double(bitPattern: random(1 << 31) << 33), 0, -0.1]
                return (time, values[Int(random(5))])
            }
            let bytes = XORChunk.encode(samples.map(\.0)[...], samples.map(\.1)[...])
            let read = ChunkReader.read(bytes)
            #expect(read.map(\.0) == samples.map(\.0), "round \(round)")
            #expect(read.map(\.1.bitPattern) == samples.map(\.1.bitPattern), "round \(round)")
        }
    }

    @Test func `a frame carries its length, its checksum and the message`() throws {
        let series = ReadSeries(labels: ["a": "b"], timestamps: [1000], values: [1])
        let frame = ReadResponse.frames(series, query: 3)
        let length = Int(frame[0])
        #expect(frame.count == length + 5)
        let message = Array(frame[5...])
        #expect(frame[1..<5].reduce(0) { $0 << 8 | UInt32($1) } == Castagnoli.checksum(message))
        var reader = ProtobufReader(message)
        let first = try #require(try reader.next())
        #expect(first.number == 1)
        let second = try #require(try reader.next())
        #expect(try reader.integer(second) == 3)
    }

    /// Worked by hand after the message's description.
    @Test func `samples and histograms of all queries are one message`() {
        let series = ReadSeries(labels: ["a": "b"], timestamps: [1000], values: [1], histograms: [[1, 2]])
        let one: [UInt8] =
            [0x0a, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x62]
            + [0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xe8, 0x07]
            + [0x22, 0x02, 0x01, 0x02]
        #expect(ReadResponse.samples([[series]]) == [0x0a, 0x1c, 0x0a, 0x1a] + one)
        // A query that finds nothing has an empty result in its place.
        #expect(ReadResponse.samples([[], [series]]) == [0x0a, 0x00, 0x0a, 0x1c, 0x0a, 0x1a] + one)
        #expect(ReadResponse.samples([]) == [])
    }

    @Test func `a long series is sent in chunks of 120 samples`() throws {
        let count = 100_050
        // Values that have nothing in common take all of their bits.
        var state: UInt64 = 1
        let values = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(bitPattern: state >> 2)
        }
        let timestamps = (0..<count).map { Int64($0) * 15_000 }
        let frames = ReadResponse.frames(
            ReadSeries(labels: ["a": "b"], timestamps: timestamps, values: values),
            query: 0
        )
        var (at, sizes, samples, chunks): (Int, [Int], [(Int64, Double)], Int) = (0, [], [], 0)
        while at < frames.count {
            var (length, shift) = (0, 0)
            while true {
                let byte = frames[at]
                at += 1
                length |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            let message = Array(frames[(at + 4)..<(at + 4 + length)])
            #expect(frames[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) } == Castagnoli.checksum(message))
            at += 4 + length
            sizes.append(length)
            var outer = ProtobufReader(message)
            let field = try #require(try outer.next())
            var inner = try outer.message(field)
            while let field = try inner.next() {
                let bytes = Array(message[try inner.range(field)])
                guard field.number == 2 else {
                    #expect(bytes == [0x0a, 0x01, 0x61, 0x12, 0x01, 0x62])
                    continue
                }
                var chunk = ProtobufReader(bytes)
                var ends: [Int64] = []
                while let field = try chunk.next() {
                    switch field.number {
                    case 1, 2: ends.append(try chunk.integer(field))
                    case 3: #expect(try chunk.integer(field) == 1)
                    default:
                        let read = ChunkReader.read(Array(bytes[try chunk.range(field)]))
                        #expect(read.count == 120 || samples.count + read.count == count)
                        #expect(ends == [read.first?.0, read.last?.0].compactMap(\.self))
                        samples += read
                        chunks += 1
                    }
                }
            }
        }
        #expect(chunks == 834)
        #expect(sizes.count == 1, "all of it is less than a mebibyte")
        #expect(samples.map(\.0) == timestamps)
        #expect(samples.map(\.1.bitPattern) == values.map(\.bitPattern))
    }
}

/// Reads chunks back, straight from the description of the format.
private struct ChunkReader {
    var bits: [UInt8]
    var at = 0

    static func read(_ bytes: [UInt8]) -> [(Int64, Double)] {
        var reader = ChunkReader(bits: bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } })
        let count = Int(reader.take(16))
        var samples: [(Int64, Double)] = []
        var (time, delta): (Int64, Int64) = (0, 0)
        var (value, leading, trailing): (UInt64, Int, Int) = (0, 0, 0)
        for index in 0..<count {
            if index == 0 {
                let raw = reader.varint()
                time = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
                value = reader.take(64)
            } else {
                if index == 1 {
                    delta = Int64(bitPattern: reader.varint())
                } else {
                    var ones = 0
                    while ones < 4, reader.take(1) == 1 { ones += 1 }
                    let width = [0, 14, 17, 20, 64][ones]
                    var raw = Int64(bitPattern: reader.take(width))
                    if width > 0, width < 64, raw > 1 << (width - 1) { raw -= 1 << width }
                    delta += raw
                }
                time += delta
                if reader.take(1) == 1 {
                    if reader.take(1) == 1 {
                        leading = Int(reader.take(5))
                        let width = Int(reader.take(6))
                        trailing = 64 - leading - (width == 0 ? 64 : width)
                    }
                    value ^= reader.take(64 - leading - trailing) << UInt64(trailing)
                }
            }
            samples.append((time, Double(bitPattern: value)))
        }
        return samples
    }

    mutating func take(_ count: Int) -> UInt64 {
        var result: UInt64 = 0
        for _ in 0..<count {
            result = result << 1 | UInt64(bits[at])
            at += 1
        }
        return result
    }

    mutating func varint() -> UInt64 {
        var (result, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = take(8)
            result |= (byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }
}
