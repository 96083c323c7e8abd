import MartletCore
import MartletFiles
import MartletSeries
import Synchronization

/// A sealed, immutable stretch of time on disk: compressed blocks, one a series, and an index of their labels.
final class Segment: Sendable {
    /// The series of one metric with the same label names, as the file has them.
    struct Family: Sendable {
        struct Column: Sendable {
            var dictionary: Int
            var dictionaryCount: Int
            var dictionaryWidth: Int
            var ids: Int
            var idWidth: Int
        }

        var metric: UInt32
        var rowCount: Int
        var blockStart: UInt64
        var blockWidth: Int
        var metricPlace: Int
        var names: [UInt32]
        var columns: [Column]
        var ends: Int
    }

    /// The file.
    let path: String

    /// The file's number; later segments have higher ones.
    let number: UInt64

    /// The families, sorted by metric.
    let families: [Family]

    /// The numbers of segments that this one makes superfluous.
    let replaced: [UInt64]

    let file: MappedFile
    let footer: SegmentLayout.Footer
    private let damaged = Atomic<Int>(0)
    private let soundPages: Mutex<[UInt64]>

    /// Opens a file and checks its index; pages are checked when they are read first.
    init(path: String, number: UInt64, file: MappedFile) throws(SegmentDamage) {
        let footer = try file.withBytes { SegmentLayout.decode($0) }.get()
        let parsed = file.withBytes { Self.families($0, footer) }
        guard let parsed else { throw SegmentDamage("its index points outside of the file") }
        (self.path, self.number, self.file, self.footer) = (path, number, file, footer)
        families = parsed
        replaced = file.withBytes { bytes in
            (0..<footer.replacedCount).map { bytes.uint64(at: footer.replaced + 8 * $0) }
        }
        soundPages = Mutex([UInt64](repeating: 0, count: footer.pageCount / 64 + 1))
        file.forget()
    }

    var minTime: Int64 { footer.minTime }
    var maxTime: Int64 { footer.maxTime }
    var sampleCount: Int { footer.sampleCount }
    var seriesCount: Int { footer.seriesCount }
    var byteCount: Int { file.count }
    var logSequence: UInt64 { footer.logSequence }
    var stepSeconds: Int { footer.stepSeconds }

    /// How often a reader came upon a damaged block.
    var damagedReads: Int { damaged.load(ordering: .relaxed) }

    /// Whether any sample may lie in a range.
    func overlaps(_ range: ClosedRange<Int64>) -> Bool { minTime <= range.upperBound && maxTime >= range.lowerBound }

    func noteDamage() { damaged.add(1, ordering: .relaxed) }

    private static func families(_ bytes: Span<UInt8>, _ footer: SegmentLayout.Footer) -> [Family]? {
        let limit = footer.replaced
        var families: [Family] = []
        families.reserveCapacity(footer.familyCount)
        for index in 0..<footer.familyCount {
            var at = footer.families + Int(bytes.uint32(at: footer.familyOffsets + 4 * index))
            guard at + 20 <= limit else { return nil }
            var family = Family(
                metric: bytes.uint32(at: at),
                rowCount: Int(bytes.uint32(at: at + 4)),
                blockStart: bytes.uint64(at: at + 8),
                blockWidth: Int(bytes[at + 18]),
                metricPlace: Int(bytes[at + 17]),
                names: [],
                columns: [],
                ends: 0
            )
            let width = Int(bytes[at + 16])
            at += 20
            guard family.blockWidth <= 57, at + 4 * width <= limit, family.metric < footer.symbolCount else {
                return nil
            }
            for column in 0..<width {
                let name = bytes.uint32(at: at + 4 * column)
                guard name < footer.symbolCount else { return nil }
                family.names.append(name)
            }
            at += 4 * width
            for _ in 0..<width {
                guard at + 8 <= limit else { return nil }
                let (count, idWidth, width) = (Int(bytes.uint32(at: at)), Int(bytes[at + 4]), Int(bytes[at + 5]))
                at += 8
                guard idWidth <= 32, width <= 32 else { return nil }
                let ids = at + (count * width + 7) / 8
                family.columns.append(
                    .init(
                        dictionary: at,
                        dictionaryCount: count,
                        dictionaryWidth: width,
                        ids: ids,
                        idWidth: idWidth
                    )
                )
                at = ids + (family.rowCount * idWidth + 7) / 8
            }
            family.ends = at
            guard at + (family.rowCount * family.blockWidth + 7) / 8 <= limit else { return nil }
            families.append(family)
        }
        return families
    }

    // MARK: Labels

    /// The symbol of a row in a column.
    @inline(__always)
    func value(_ bytes: Span<UInt8>, _ family: Family, _ column: Int, _ row: Int) -> UInt32 {
        let column = family.columns[column]
        let id = Int(bytes.bits(at: column.ids * 8 + row * column.idWidth, width: column.idWidth))
        return symbol(bytes, column, id)
    }

    @inline(__always)
    private func symbol(_ bytes: Span<UInt8>, _ column: Family.Column, _ id: Int) -> UInt32 {
        let symbol = bytes.bits(at: column.dictionary * 8 + id * column.dictionaryWidth, width: column.dictionaryWidth)
        return UInt32(min(symbol, UInt64(max(0, footer.symbolCount - 1))))
    }

    /// Lends the bytes of a text.
    func withText<Result>(_ symbol: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        file.withBytes { bytes in
            let offset = footer.indexStart + 4 * Int(symbol)
            let start = footer.symbolTexts + Int(bytes.uint32(at: offset))
            let end = footer.symbolTexts + Int(bytes.uint32(at: offset + 4))
            let limit = footer.timeColumns
            return body(bytes.extracting(min(start, limit)..<max(min(start, limit), min(end, limit))))
        }
    }

    // MARK: Blocks

    /// Lends the bytes of a row's block; `nil` where they are damaged.
    @inline(__always)
    func withBlock<Result>(_ family: Family, _ row: Int, _ body: (Span<UInt8>) -> Result?) -> Result? {
        file.withBytes { bytes in
            let width = family.blockWidth
            let start =
                row == 0
                ? family.blockStart
                : family.blockStart + bytes.bits(at: family.ends * 8 + (row - 1) * width, width: width)
            let end = family.blockStart + bytes.bits(at: family.ends * 8 + row * width, width: width)
            guard start <= end, end <= UInt64(footer.indexStart), isSound(bytes, Int(start)..<Int(end)) else {
                return nil
            }
            return body(bytes.extracting(Int(start)..<Int(end)))
        }
    }

    /// Whether the pages that a stretch of bytes lies in are as they were written; each is checked once.
    private func isSound(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return true }
        let first = range.lowerBound / SegmentLayout.pageSize
        let last = (range.upperBound - 1) / SegmentLayout.pageSize
        return soundPages.withLock { sound in
            for page in first...last where sound[page / 64] & 1 << UInt64(page % 64) == 0 {
                let start = page * SegmentLayout.pageSize
                let end = min(start + SegmentLayout.pageSize, footer.indexStart)
                guard CRC32C.checksum(bytes.extracting(start..<end)) == bytes.uint32(at: footer.pages + 4 * page)
                else { return false }
                sound[page / 64] |= 1 << UInt64(page % 64)
            }
            return true
        }
    }

    /// The pages that are not as they were written, all of them read anew.
    func damagedPages() -> [Int] {
        file.withBytes { bytes in
            (0..<footer.pageCount).filter { page in
                let start = page * SegmentLayout.pageSize
                let end = min(start + SegmentLayout.pageSize, footer.indexStart)
                return CRC32C.checksum(bytes.extracting(start..<end)) != bytes.uint32(at: footer.pages + 4 * page)
            }
        }
    }
}

extension Segment: FamilySource {
    var symbolCount: Int { footer.symbolCount }

    func text(of symbol: UInt32) -> String { withText(symbol) { LogCodec.text($0) } }

    func symbol(of text: String) -> UInt32? {
        let wanted = Array(text.utf8)
        var (low, high) = (0, footer.symbolCount)
        while low < high {
            let middle = (low + high) / 2
            if order(UInt32(middle), wanted) < 0 { low = middle + 1 } else { high = middle }
        }
        return low < footer.symbolCount && order(UInt32(low), wanted) == 0 ? UInt32(low) : nil
    }

    /// Below zero where a symbol's text comes before some bytes, zero where it is them.
    private func order(_ symbol: UInt32, _ wanted: [UInt8]) -> Int {
        withText(symbol) { text in
            for place in 0..<min(text.count, wanted.count) where text[place] != wanted[place] {
                return text[place] < wanted[place] ? -1 : 1
            }
            return text.count - wanted.count
        }
    }

    func families(ofMetric metric: UInt32?) -> [Int] {
        guard let metric else { return Array(families.indices) }
        var (low, high) = (0, families.count)
        while low < high {
            let middle = (low + high) / 2
            if families[middle].metric < metric { low = middle + 1 } else { high = middle }
        }
        var found: [Int] = []
        while low < families.count, families[low].metric == metric {
            found.append(low)
            low += 1
        }
        return found
    }

    func metric(ofFamily family: Int) -> UInt32 { families[family].metric }

    func names(ofFamily family: Int) -> [UInt32] { families[family].names }

    func rowCount(ofFamily family: Int) -> Int { families[family].rowCount }

    func value(ofFamily family: Int, _ row: Int, column: Int) -> UInt32 {
        file.withBytes { value($0, families[family], column, row) }
    }

    func rows(_ family: Int, column: Int, _ test: inout SymbolTest, among rows: [UInt32]?) -> [UInt32] {
        let family = families[family]
        let column = family.columns[column]
        return file.withBytes { bytes in
            var passes = [Bool](repeating: false, count: column.dictionaryCount)
            var (any, all) = (false, true)
            for id in 0..<column.dictionaryCount {
                passes[id] = test.passes(symbol(bytes, column, id), text)
                if passes[id] { any = true } else { all = false }
            }
            if !any { return [] }
            if all { return rows ?? (0..<UInt32(family.rowCount)).map { $0 } }
            var found: [UInt32] = []
            func check(_ row: UInt32) {
                let id = Int(bytes.bits(at: column.ids * 8 + Int(row) * column.idWidth, width: column.idWidth))
                if id < passes.count, passes[id] { found.append(row) }
            }
            if let rows {
                for row in rows { check(row) }
            } else {
                for row in 0..<UInt32(family.rowCount) { check(row) }
            }
            return found
        }
    }
}
