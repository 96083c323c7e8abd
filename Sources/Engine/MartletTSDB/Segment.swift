import MartletCore
import MartletSeries
import Synchronization

/// A sealed, immutable stretch of time on disk: compressed blocks, one a series, and an index of their labels.
final class Segment: Sendable {
    /// The file.
    let path: String

    /// The file's number; later segments have higher ones.
    let number: UInt64

    private let file: MappedFile
    private let footer: SegmentLayout.Footer
    private let damaged = Atomic<Int>(0)

    /// Opens a file and checks its index; blocks are checked when they are read.
    init(path: String, number: UInt64, file: MappedFile) throws(SegmentDamage) {
        footer = try file.withBytes { SegmentLayout.decode($0) }.get()
        (self.path, self.number, self.file) = (path, number, file)
        file.forget()
    }

    var minTime: Int64 { footer.minTime }
    var maxTime: Int64 { footer.maxTime }
    var sampleCount: Int { footer.sampleCount }
    var seriesCount: Int { footer.seriesCount }
    var byteCount: Int { file.count }

    /// The log file from which on samples of ``window`` are not in this segment.
    var logSequence: UInt64 { footer.logSequence }

    /// How often a reader came upon a damaged block.
    var damagedReads: Int { damaged.load(ordering: .relaxed) }

    /// Whether a sample from a log file is in this segment or an earlier one.
    func covers(_ timestamp: Int64, logSequence: UInt64) -> Bool {
        logSequence < footer.logSequence && timestamp >= footer.from && timestamp < footer.to
    }

    /// The place of a series by its labels.
    ///
    /// - Complexity: O(log *n*) in the number of series.
    func place(of labels: LabelSet) -> Int? {
        let hash = UInt32(truncatingIfNeeded: LabelHash.hash(labels, seed: footer.hashSeed))
        var (low, high) = (0, footer.seriesCount)
        func entry(_ place: Int) -> (hash: UInt32, series: Int) {
            let at = footer.hashes + place * SegmentLayout.hashSize
            return (uint32(at), Int(uint32(at + 4)))
        }
        while low < high {
            let middle = (low + high) / 2
            if entry(middle).hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < footer.seriesCount, entry(low).hash == hash {
            if isSeries(entry(low).series, labels) { return entry(low).series }
            low += 1
        }
        return nil
    }

    private func isSeries(_ place: Int, _ labels: LabelSet) -> Bool {
        let pairs = pairs(at: place)
        return pairs.count == labels.count
            && zip(pairs, labels).allSatisfy { text(of: $0.name) == $1.name && text(of: $0.value) == $1.value }
    }

    /// The oldest time of a series.
    func minTime(at place: Int) -> Int64 { int64(footer.series + place * SegmentLayout.seriesSize + 16) }

    /// The newest time of a series.
    func maxTime(at place: Int) -> Int64 { int64(footer.series + place * SegmentLayout.seriesSize + 24) }

    /// Appends a series' samples in a range to columns.
    ///
    /// - Returns: Whether the block was sound; nothing is appended from a damaged one.
    func read(at place: Int, in range: ClosedRange<Int64>, into columns: inout Columns) -> Bool {
        guard minTime(at: place) <= range.upperBound, maxTime(at: place) >= range.lowerBound else { return true }
        let isSound = file.withBytes { bytes in
            let entry = footer.series + place * SegmentLayout.seriesSize
            let start = Int(bytes.uint64(at: entry))
            let block = bytes.extracting(start..<(start + Int(bytes.uint32(at: entry + 8))))
            guard CRC32C.checksum(block) == bytes.uint32(at: entry + 12) else { return false }
            return Self.read(block, in: range, into: &columns)
        }
        if !isSound { damaged.add(1, ordering: .relaxed) }
        return isSound
    }

    private static func read(_ block: Span<UInt8>, in range: ClosedRange<Int64>, into columns: inout Columns) -> Bool {
        var decoder = ChunkDecoder()
        var at = 0
        while at < block.count {
            guard let length = Varint.read(block, &at), length <= UInt64(block.count - at) else { return false }
            let chunk = block.extracting(at..<(at + Int(length)))
            at += Int(length)
            var inside = 0
            guard let header = ChunkDecoder.header(chunk, &inside) else { return false }
            guard header.first <= range.upperBound, header.last >= range.lowerBound else { continue }
            guard decoder.decode(chunk) else { return false }
            columns.append(decoder.timestamps, decoder.values, in: range)
        }
        return true
    }

    private func uint32(_ place: Int) -> UInt32 { file.withBytes { $0.uint32(at: place) } }

    private func int64(_ place: Int) -> Int64 { file.withBytes { Int64(bitPattern: $0.uint64(at: place)) } }
}

extension Segment: LabelIndex {
    var placeCount: Int { footer.seriesCount }

    func isLive(_ place: Int) -> Bool { true }

    func text(of symbol: UInt32) -> String {
        file.withBytes { bytes in
            let offset = footer.indexStart + 4 * Int(symbol)
            let range = Int(bytes.uint32(at: offset))..<Int(bytes.uint32(at: offset + 4))
            return LogCodec.text(
                bytes.extracting((footer.symbolTexts + range.lowerBound)..<(footer.symbolTexts + range.upperBound))
            )
        }
    }

    func symbol(of text: String) -> UInt32? {
        var (low, high) = (0, footer.symbolCount)
        while low < high {
            let middle = (low + high) / 2
            if SegmentWriter.isBefore(self.text(of: UInt32(middle)), text) { low = middle + 1 } else { high = middle }
        }
        return low < footer.symbolCount && self.text(of: UInt32(low)) == text ? UInt32(low) : nil
    }

    func values(of name: UInt32) -> [UInt32] {
        var values: [UInt32] = []
        var list = firstList(name, 0)
        while list < footer.postingListCount {
            let entry = footer.postingLists + list * SegmentLayout.postingSize
            guard uint32(entry) == name else { break }
            values.append(uint32(entry + 4))
            list += 1
        }
        return values
    }

    func places(_ name: UInt32, _ value: UInt32) -> [UInt32] {
        let list = firstList(name, value)
        let entry = footer.postingLists + list * SegmentLayout.postingSize
        guard list < footer.postingListCount, uint32(entry) == name, uint32(entry + 4) == value else { return [] }
        let start = footer.postings + 4 * Int(uint32(entry + 8))
        return file.withBytes { bytes in
            (0..<Int(bytes.uint32(at: entry + 12))).map { bytes.uint32(at: start + 4 * $0) }
        }
    }

    /// The first list of postings that is not before a label.
    private func firstList(_ name: UInt32, _ value: UInt32) -> Int {
        var (low, high) = (0, footer.postingListCount)
        while low < high {
            let middle = (low + high) / 2
            let entry = footer.postingLists + middle * SegmentLayout.postingSize
            if (uint32(entry), uint32(entry + 4)) < (name, value) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func value(at place: Int, of name: UInt32) -> UInt32? {
        file.withBytes { bytes in
            let entry = footer.series + place * SegmentLayout.seriesSize
            let start = footer.pairs + 8 * Int(bytes.uint32(at: entry + 36))
            for pair in 0..<Int(bytes.uint32(at: entry + 40)) where bytes.uint32(at: start + 8 * pair) == name {
                return bytes.uint32(at: start + 8 * pair + 4)
            }
            return nil
        }
    }

    func pairs(at place: Int) -> [(name: UInt32, value: UInt32)] {
        file.withBytes { bytes in
            let entry = footer.series + place * SegmentLayout.seriesSize
            let start = footer.pairs + 8 * Int(bytes.uint32(at: entry + 36))
            return (0..<Int(bytes.uint32(at: entry + 40))).map {
                (bytes.uint32(at: start + 8 * $0), bytes.uint32(at: start + 8 * $0 + 4))
            }
        }
    }
}
