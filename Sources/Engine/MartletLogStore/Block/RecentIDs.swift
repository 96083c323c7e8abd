import MartletEvents
import MartletFiles

// Ids that come several times within a short while: each is written once, and a row says how many other ids are newer.
// 0 stands for no id, 1 for the next one that was not yet there, 2 + n for the one before the n newest.

//
// Safety: ids are read within the bytes, as the precondition in front of the loop makes sure.

/// Finds the rows of an id, and the id of a row.
struct RecentIDs {
    /// Under which names the columns stand.
    struct Sections {
        let references: BlockSection
        let ids: BlockSection
        let starts: BlockSection
        let filter: BlockSection
        let reach: BlockSection

        init(first: UInt32) {
            references = BlockSection(first)
            ids = BlockSection(first + 1)
            starts = BlockSection(first + 2)
            filter = BlockSection(first + 3)
            reach = BlockSection(first + 4)
        }
    }

    let references: IntegerColumn
    private let ids: ColumnBytes
    private let starts: IntegerColumn
    private let reach: IntegerColumn
    private let width: Int
    private let idCount: Int

    /// Takes a block's columns; `nil` where no row has an id.
    init?(_ file: BlockFile, _ sections: Sections, width: Int, rows: Int) throws(EventError) {
        guard file.has(sections.references) else { return nil }
        self.width = width
        ids = try file.column(sections.ids)
        idCount = ids.count / width
        guard let references = IntegerColumn(try file.column(sections.references)), references.count == rows,
            let starts = IntegerColumn(try file.column(sections.starts)),
            starts.count == (rows + IntegerColumn.granule - 1) / IntegerColumn.granule,
            let reach = IntegerColumn(try file.column(sections.reach)), reach.count == idCount
        else { throw file.damaged("its ids make no sense") }
        self.references = references
        self.starts = starts
        self.reach = reach
    }

    /// Whether a block may have an id; the filter alone is looked at.
    static func mayContain(_ file: BlockFile, _ sections: Sections, _ hash: UInt64) throws(EventError) -> Bool {
        guard file.has(sections.filter) else { return false }
        guard let filter = IDFilter(try file.column(sections.filter)) else {
            throw file.damaged("its filter makes no sense")
        }
        return filter.mayContain(hash)
    }

    /// An id by its number, its first and second half.
    func id(_ number: Int) -> (UInt64, UInt64) {
        guard number >= 0, number < idCount else { return (0, 0) }
        return ids.withBytes { bytes in
            (bytes.uint64(at: number * width), width == 16 ? bytes.uint64(at: number * width + 8) : 0)
        }
    }

    /// The ids of 1,024 rows as numbers; -1 for none.
    func numbers(granule: Int) -> [Int] {
        let range = (granule * IntegerColumn.granule)..<min((granule + 1) * IntegerColumn.granule, references.count)
        var known = Int(starts[granule])
        var result: [Int] = []
        result.reserveCapacity(range.count)
        references.forEach(in: range) { _, reference in
            switch reference {
            case 0: result.append(-1)
            case 1:
                result.append(known)
                known += 1
            default: result.append(known - 1 - Int(reference - 2))
            }
        }
        return result
    }

    /// The rows of an id.
    func rows(of wanted: (UInt64, UInt64), count: Int) -> RowSet {
        var result = RowSet(rows: count)
        for number in numbers(of: wanted) {
            // The granule that the id is new in, then as far as it was seen.
            var (low, high) = (0, starts.count)
            while low < high {
                let middle = (low + high) / 2
                if Int(starts[middle]) <= number { low = middle + 1 } else { high = middle }
            }
            let first = max(0, low - 1)
            for granule in first...min(max(first, first + Int(clamping: reach[number])), starts.count - 1) {
                for (place, own) in numbers(granule: granule).enumerated() where own == number {
                    result.insert(granule * IntegerColumn.granule + place)
                }
            }
        }
        return result
    }

    private func numbers(of wanted: (UInt64, UInt64)) -> [Int] {
        ids.withBytes { bytes in
            precondition(bytes.count >= idCount * width)
            var found: [Int] = []
            unsafe bytes.withUnsafeBytes { bytes in
                for number in 0..<idCount {
                    let at = number * width
                    if unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) != wanted.0 { continue }
                    if unsafe width == 8 || bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self) == wanted.1 {
                        found.append(number)
                    }
                }
            }
            return found
        }
    }

    // MARK: Writing

    /// Writes the ids of rows, two halves each, of which a zero pair is none.
    static func write(
        count: Int,
        to block: BlockWriter,
        _ sections: Sections,
        width: Int,
        _ id: (Int) -> (UInt64, UInt64)
    ) {
        var table = [UInt32](repeating: 0, count: 1 << 12)
        var ids: [(UInt64, UInt64)] = []
        var (references, starts): ([Int64], [Int64]) = ([], [])
        var (firstGranules, lastGranules): ([Int32], [Int32]) = ([], [])
        references.reserveCapacity(count)
        for row in 0..<count {
            let granule = Int32(row / IntegerColumn.granule)
            if row % IntegerColumn.granule == 0 { starts.append(Int64(ids.count)) }
            let own = id(row)
            if own.0 | own.1 == 0 {
                references.append(0)
                continue
            }
            var slot = Int(truncatingIfNeeded: IDFilter.hash(own.0, own.1) >> 16) & (table.count - 1)
            while table[slot] != 0, ids[Int(table[slot] - 1)] != own { slot = (slot + 1) & (table.count - 1) }
            if table[slot] != 0 {
                let number = Int(table[slot] - 1)
                references.append(Int64(2 + ids.count - 1 - number))
                lastGranules[number] = granule
                continue
            }
            ids.append(own)
            firstGranules.append(granule)
            lastGranules.append(granule)
            references.append(1)
            table[slot] = UInt32(ids.count)
            guard ids.count * 2 > table.count else { continue }
            table = [UInt32](repeating: 0, count: table.count * 2)
            for (number, known) in ids.enumerated() {
                var slot = Int(truncatingIfNeeded: IDFilter.hash(known.0, known.1) >> 16) & (table.count - 1)
                while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
                table[slot] = UInt32(number + 1)
            }
        }
        guard !ids.isEmpty else { return }
        // What is done with goes first: this is among the most memory that sealing takes.
        table = []
        block.add(sections.references, IntegerColumnWriter.encode(references))
        references = []
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count * width)
        for id in ids {
            bytes.append(littleEndian: id.0)
            if width == 16 { bytes.append(littleEndian: id.1) }
        }
        block.add(sections.ids, bytes)
        bytes = []
        block.add(sections.starts, IntegerColumnWriter.encode(starts))
        block.add(sections.filter, IDFilter.encode(ids.map { IDFilter.hash($0.0, $0.1) }))
        block.add(
            sections.reach,
            IntegerColumnWriter.encode(ids.indices.map { Int64(lastGranules[$0] - firstGranules[$0]) })
        )
    }
}
