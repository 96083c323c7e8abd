import MartletEvents
import MartletFiles

/// The simplest kind of events: numbered notes, each a time and a number.
struct NoteKind: EventKind {
    let format = "martlet notes 1"

    func makeActive() -> Notes { Notes() }

    func open(_ file: BlockFile) throws(EventError) -> NoteBlock {
        guard let times = IntegerColumn(try file.column(BlockSection(1))),
            let numbers = IntegerColumn(try file.column(BlockSection(2)))
        else { throw file.damaged("a column makes no sense") }
        return NoteBlock(file: file, times: times, numbers: numbers)
    }

    func writeCold(_ block: NoteBlock, to writer: BlockWriter) throws(EventError) -> Bool {
        guard !block.file.has(BlockSection(3)) else { return false }
        for name in block.file.columnNames where name.kind != 0 { writer.add(name, try block.file.column(name)) }
        writer.add(BlockSection(3), [1])
        return true
    }

    func merge(_ blocks: [NoteBlock], to writer: BlockWriter) -> Bool {
        var (times, numbers): ([Int64], [Int64]) = ([], [])
        for block in blocks {
            times += block.times.values(in: 0..<block.times.count)
            numbers += block.numbers.values(in: 0..<block.numbers.count)
        }
        writer.add(BlockSection(1), IntegerColumnWriter.encode(times))
        writer.add(BlockSection(2), IntegerColumnWriter.encode(numbers))
        writer.add(BlockSection(3), [1])
        return true
    }
}

struct NoteBlock: Sendable {
    let file: BlockFile
    let times: IntegerColumn
    let numbers: IntegerColumn
}

struct Notes: ActiveEvents {
    var times: [Int64] = []
    var numbers: [Int64] = []

    var count: Int { numbers.count }
    var byteCount: Int { 16 * count }
    var timeRange: ClosedRange<Int64>? {
        guard let low = times.min(), let high = times.max() else { return nil }
        return low...high
    }

    mutating func add(_ number: Int64, at time: Int64) {
        times.append(time)
        numbers.append(number)
    }

    mutating func replay(_ payload: Span<UInt8>) -> Bool {
        guard payload.count == 16 else { return false }
        add(Int64(bitPattern: payload.uint64(at: 8)), at: Int64(bitPattern: payload.uint64(at: 0)))
        return true
    }

    func write(to block: BlockWriter) {
        block.add(BlockSection(1), IntegerColumnWriter.encode(times))
        block.add(BlockSection(2), IntegerColumnWriter.encode(numbers))
    }
}

extension EventStore where Kind == NoteKind {
    /// Appends a note and waits until it is acknowledged.
    func add(_ number: Int64, at time: Int64 = 1_767_225_600_000_000_000) throws(EventError) {
        var payload: [UInt8] = []
        payload.append(littleEndian: UInt64(bitPattern: time))
        payload.append(littleEndian: UInt64(bitPattern: number))
        _ = try append(payload.span) { (notes: inout Notes) -> Bool? in
            notes.add(number, at: time)
            return true
        }
    }

    /// All numbers there are, in memory and in blocks.
    func numbers() throws(EventError) -> [Int64] {
        try read(memory: { $0.numbers }) { (memory, frozen, blocks) throws(EventError) in
            var all = memory + (frozen?.numbers ?? [])
            for block in blocks { all += block.content.numbers.values(in: 0..<block.content.numbers.count) }
            return all.sorted()
        }
    }
}
