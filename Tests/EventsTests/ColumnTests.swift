import MartletEvents
import MartletFiles
import Testing

@Suite("Columns of events")
struct ColumnTests {
    static func lent(_ bytes: [UInt8]) throws -> ColumnBytes {
        let file = MappedFile(copying: bytes.span)
        return ColumnBytes(whole: try #require(file))
    }

    @Test(arguments: [
        [], [7], [Int64.min, .max], [0, 0, 0], [5_000, 9_000, 1_000], [1, 2, 3_000_001],
        [1_767_225_600_000_000_000, 1_767_225_600_005_000_000],
    ])
    func `numbers come back as they were`(values: [Int64]) throws {
        let column = try #require(IntegerColumn(try Self.lent(IntegerColumnWriter.encode(values))))
        #expect(column.values(in: 0..<column.count) == values)
        #expect(values.indices.map { column[$0] } == values)
    }

    @Test func `equal numbers take no room but their granule's entry`() {
        #expect(IntegerColumnWriter.encode([Int64](repeating: 42, count: 1024)).count == 24)
    }

    @Test func `whole microseconds take the room of their count`() {
        let times = (0..<1024).map { 1_767_225_600_000_000_000 + Int64($0) * 1000 }
        #expect(IntegerColumnWriter.encode(times).count == 24 + 1024 * 10 / 8 + 8)
    }

    @Test func `random numbers of every width come back, one by one and in ranges`() throws {
        var generator = SeededGenerator(seed: 11)
        for width in 0...62 {
            let values = (0..<3000).map { _ in Int64.random(in: 0...(1 << Int64(width) - 1 | 1), using: &generator) - 5
            }
            let column = try #require(IntegerColumn(try Self.lent(IntegerColumnWriter.encode(values))))
            #expect(column.values(in: 0..<3000) == values, "seed 11, width \(width)")
            #expect(column.values(in: 1000..<1030) == Array(values[1000..<1030]), "seed 11, width \(width)")
            #expect(column[2047] == values[2047])
        }
    }

    @Test func `a column that was cut or changed is refused or read without harm`() throws {
        var generator = SeededGenerator(seed: 12)
        let good = IntegerColumnWriter.encode((0..<2500).map { Int64($0 * $0) })
        for size in 0..<good.count where size % 97 == 0 {
            #expect(IntegerColumn(try Self.lent(Array(good[..<size]))) == nil, "cut to \(size)")
        }
        for _ in 0..<2000 {
            var bytes = good
            bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            if let column = IntegerColumn(try Self.lent(bytes)), column.count <= 1 << 20 {
                column.forEach(in: 0..<column.count) { _, _ in }
            }
        }
    }

    @Test func `texts are found by number and by content`() throws {
        let texts = (0..<1000).map { Array("user-\($0 * 7 + 10_000)".utf8) } + [Array("".utf8), Array("ü".utf8)]
        let sorted = texts.sorted { $0.span.isBefore($1.span) }
        let dictionary = try #require(TextDictionary(try Self.lent(TextDictionaryWriter.encode(sorted))))
        #expect(dictionary.count == 1002)
        for (index, text) in sorted.enumerated() {
            #expect(dictionary[index] == text)
            #expect(dictionary.index(of: text.span) == index)
        }
        #expect(dictionary.index(of: Array("user-1".utf8).span) == nil)
        #expect(dictionary.index(of: Array("zzz".utf8).span) == nil)
        var seen: [[UInt8]] = []
        dictionary.forEach { seen.append($1) }
        #expect(seen == sorted)
    }

    @Test func `an empty dictionary finds nothing`() throws {
        let dictionary = try #require(TextDictionary(try Self.lent(TextDictionaryWriter.encode([]))))
        #expect(dictionary.count == 0)
        #expect(dictionary.index(of: [1].span) == nil)
    }

    @Test func `a damaged dictionary answers without harm`() throws {
        var generator = SeededGenerator(seed: 13)
        let good = TextDictionaryWriter.encode((0..<100).map { Array("entry-\(1000 + $0)".utf8) })
        for _ in 0..<3000 {
            var bytes = good
            bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            guard let dictionary = TextDictionary(try Self.lent(bytes)), dictionary.count > 0 else { continue }
            _ = dictionary[dictionary.count - 1]
            _ = dictionary.index(of: Array("entry-1050".utf8).span)
            dictionary.forEach { _, _ in }
        }
    }

    @Test func `a filter never denies what is in, and rarely admits what is not`() throws {
        var generator = SeededGenerator(seed: 14)
        let ids = (0..<20_000).map { _ in IDFilter.hash(generator.next(), generator.next()) }
        let filter = try #require(IDFilter(try Self.lent(IDFilter.encode(ids))))
        #expect(ids.allSatisfy { filter.mayContain($0) })
        let admitted = (0..<20_000).count { _ in
            filter.mayContain(IDFilter.hash(generator.next(), generator.next()))
        }
        #expect(admitted < 1000, "of 20,000, seed 14")
    }

    @Test func `sets of rows are cut, joined and turned around`() {
        var (left, right) = (RowSet(rows: 130), RowSet(rows: 130))
        for row in [0, 64, 129] { left.insert(row) }
        for row in [64, 100] { right.insert(row) }
        var both = left
        both.formIntersection(right)
        #expect(both.count == 1 && both.contains(64))
        var either = left
        either.formUnion(right)
        var rows: [Int] = []
        either.forEach { rows.append($0) }
        #expect(rows == [0, 64, 100, 129])
        #expect(either.complement.count == 126)
        #expect(RowSet(rows: 130, isFull: true).count == 130)
        #expect(RowSet(rows: 5).isEmpty)
        var some = RowSet(rows: 200)
        for row in [3, 4, 64, 130, 199] { some.insert(row) }
        func listed(_ set: RowSet) -> [Int] {
            var found: [Int] = []
            set.forEach { found.append($0) }
            return found
        }
        #expect(listed(some.kept(2, fromEnd: false)) == [3, 4])
        #expect(listed(some.kept(1, fromEnd: false)) == [3])
        #expect(listed(some.kept(4, fromEnd: true)) == [4, 64, 130, 199])
        #expect(listed(some.kept(9, fromEnd: true)) == [3, 4, 64, 130, 199])
        #expect(some.kept(0, fromEnd: true).isEmpty)
    }

    @Test func `tells where a number is first`() throws {
        var generator = SeededGenerator(seed: 11)
        let values = (0..<3000).map { place -> Int64 in
            // A granule of small numbers, one of equal ones, one of multiples of a thousand.
            switch place / 1024 {
            case 0: Int64(generator.next() % 500) - 100
            case 1: 7777
            default: Int64(generator.next() % 500) * 1000 + 123
            }
        }
        let column = try #require(IntegerColumn(try Self.lent(IntegerColumnWriter.encode(values))))
        for wanted in Set(values).sorted() + [-101, 400, 7778, 1_000_000, .min, .max] {
            #expect(column.firstIndex(of: wanted) == values.firstIndex(of: wanted))
        }
    }
}
