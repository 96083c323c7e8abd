import MartletCompression
import Testing

@Suite("Compression")
struct CompressionTests {
    private static let snappyOfAs: [UInt8] = [0x0A, 0x00, 0x61, 0x22, 0x01, 0x00]

    private func sample(_ random: inout SeededRandom) -> [UInt8] {
        let count = Int.random(in: 0...5_000, using: &random)
        let alphabet = UInt8.random(in: 0...255, using: &random)
        return (0..<count).map { _ in UInt8.random(in: 0...alphabet, using: &random) }
    }

    @Test func `snappy reads a known block`() throws {
        #expect(try Snappy.decompress(Self.snappyOfAs, limit: 10) == Array(repeating: 0x61, count: 10))
        #expect(try Snappy.decompress([0x00], limit: 0) == [])
    }

    @Test func `round trips give the same bytes`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            let bytes = sample(&random)
            #expect(try Snappy.decompress(Snappy.compress(bytes), limit: bytes.count) == bytes)
            #expect(try Gzip.decompress(Gzip.compress(bytes), limit: bytes.count) == bytes)
            #expect(try Deflate.decompress(Deflate.compress(bytes, level: 1), limit: bytes.count) == bytes)
        }
    }

    @Test func `snappy checks the claimed length before anything else`() {
        let claimsTwoGiB: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0, 0, 0, 0]
        #expect(throws: CompressionError.tooLarge(limit: 1000)) { try Snappy.decompress(claimsTwoGiB, limit: 1000) }
        #expect(
            throws: CompressionError.damaged(
                "snappy block of 10 bytes claims to hold 2147483647 bytes, more than it can"
            )
        ) { try Snappy.decompress(claimsTwoGiB, limit: .max) }
        #expect(throws: CompressionError.damaged("snappy block of 0 bytes does not begin with a length")) {
            try Snappy.decompress([], limit: 10)
        }
    }

    @Test func `gzip joins members`() throws {
        let two = Gzip.compress(Array("one ".utf8)) + Gzip.compress([]) + Gzip.compress(Array("two".utf8), level: 9)
        #expect(String(decoding: try Gzip.decompress(two, limit: 7), as: UTF8.self) == "one two")
    }

    @Test func `bombs stop at the limit`() {
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 20_000_000))
        #expect(bomb.count < 30_000)
        #expect(throws: CompressionError.tooLarge(limit: 1_000_000)) { try Gzip.decompress(bomb, limit: 1_000_000) }
        let deflated = Deflate.compress([UInt8](repeating: 0, count: 100))
        #expect(throws: CompressionError.tooLarge(limit: 99)) { try Deflate.decompress(deflated, limit: 99) }
        #expect(throws: CompressionError.tooLarge(limit: 0)) { try Deflate.decompress(deflated, limit: 0) }
    }

    @Test func `damage is an error that says what`() {
        let whole = Gzip.compress(Array("hello".utf8))
        #expect(throws: CompressionError.damaged("gzip data is empty")) { try Gzip.decompress([], limit: 10) }
        #expect(throws: CompressionError.damaged("gzip data ends too early, after 10 bytes")) {
            try Gzip.decompress(Array(whole.prefix(10)), limit: 10)
        }
        #expect(throws: CompressionError.damaged("gzip data is damaged near byte 2: incorrect header check")) {
            try Gzip.decompress([1, 2, 3, 4], limit: 10)
        }
        let padded = Deflate.compress([1]) + [0]
        #expect(throws: CompressionError.damaged("zlib data has 1 bytes after its end")) {
            try Deflate.decompress(padded, limit: 10)
        }
    }

    @Test func `every truncation is an error`() {
        let bytes = Array("the quick brown fox jumps over the lazy dog, the quick brown fox".utf8)
        let gzip = Gzip.compress(bytes)
        for end in 0..<gzip.count {
            #expect(throws: CompressionError.self) { try Gzip.decompress(Array(gzip[..<end]), limit: 100) }
        }
        let zlib = Deflate.compress(bytes)
        for end in 0..<zlib.count {
            #expect(throws: CompressionError.self) { try Deflate.decompress(Array(zlib[..<end]), limit: 100) }
        }
        let block = Snappy.compress(bytes)
        for end in 0..<block.count {
            #expect(throws: CompressionError.self) { try Snappy.decompress(Array(block[..<end]), limit: 100) }
        }
    }

    @Test func `flipped bits never give a wrong result from gzip`() {
        let bytes = Array("the quick brown fox jumps over the lazy dog".utf8)
        let whole = Gzip.compress(bytes)
        // The first ten bytes hold a time stamp and flags that do not change the result.
        for place in 10..<whole.count {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << bit
                #expect((try? Gzip.decompress(damaged, limit: 1000)).map { $0 == bytes } != false)
            }
        }
    }
}
