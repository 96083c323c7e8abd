import MartletEvents
import MartletFiles
import MartletSearch

// Words in the order of their folded forms, so that all spellings of a word stand together. Each is told by what it
// shares with the one before it; every sixteenth is whole. Behind each stand the granules of 1,024 rows that have it.

/// A block's words, with the granules each is in.
struct WordDictionary: Sendable {
    static let step = 16

    /// The words that are meant by one of a search.
    struct Found {
        /// Their numbers, rising.
        var indices: [Int] = []

        /// Which granules have any of them.
        var granules: [Bool]

        /// How many rows have each, in sum.
        var rows = 0
    }

    let count: Int
    let granuleCount: Int
    private let bytes: ColumnBytes

    init?(_ bytes: ColumnBytes, granules: Int) {
        let found: Int? = bytes.withBytes { bytes in
            guard bytes.count >= 4 else { return nil }
            let count = Int(bytes.uint32(at: 0))
            let groups = (count + Self.step - 1) / Self.step
            guard groups <= (bytes.count - 4) / 4 else { return nil }
            for group in 0..<groups where Int(bytes.uint32(at: 4 + 4 * group)) > bytes.count { return nil }
            return count
        }
        guard let found else { return nil }
        count = found
        granuleCount = granules
        self.bytes = bytes
    }

    /// Reads words from a group's start until the body says stop; granules only where the body wants them.
    private func walk(
        group: Int,
        _ body: (_ index: Int, _ text: [UInt8], _ needsFolding: Bool, _ rows: Int, _ granules: (inout [Bool]) -> Void)
            -> Bool
    ) {
        bytes.withBytes { bytes in
            var text: [UInt8] = []
            var at = Int(bytes.uint32(at: 4 + 4 * group))
            var index = group * Self.step
            let bitmapBytes = (granuleCount + 7) / 8
            while index < count {
                if index % Self.step == 0 {
                    text.removeAll(keepingCapacity: true)
                } else {
                    guard let shared = bytes.varint(&at), shared <= UInt64(text.count) else { return }
                    text.removeLast(text.count - Int(shared))
                }
                guard let more = bytes.varint(&at), more <= UInt64(bytes.count - at) else { return }
                text.append(span: bytes.extracting(at..<(at + Int(more))))
                at += Int(more)
                guard let head = bytes.varint(&at), let rows = bytes.varint(&at) else { return }
                let granules = Int(truncatingIfNeeded: head >> 1)
                let start = at
                if granules >= bitmapBytes {
                    at += bitmapBytes
                    guard at <= bytes.count else { return }
                } else {
                    for _ in 0..<granules { guard bytes.varint(&at) != nil else { return } }
                }
                let isGoingOn = body(index, text, head & 1 == 1, Int(truncatingIfNeeded: rows)) {
                    Self.insert(bytes, start, granules, bitmapBytes, into: &$0)
                }
                guard isGoingOn else { return }
                index += 1
            }
        }
    }

    private static func insert(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ count: Int,
        _ bitmapBytes: Int,
        into granules: inout [Bool]
    ) {
        if count >= bitmapBytes {
            for place in 0..<bitmapBytes {
                var byte = bytes[start + place]
                while byte != 0 {
                    let granule = place * 8 + byte.trailingZeroBitCount
                    if granule < granules.count { granules[granule] = true }
                    byte &= byte - 1
                }
            }
            return
        }
        var (at, granule) = (start, 0)
        for _ in 0..<count {
            granule &+= Int(truncatingIfNeeded: bytes.varint(&at) ?? 0)
            guard granule < granules.count, granule >= 0 else { break }
            granules[granule] = true
        }
    }

    /// The words that are meant, with their granules.
    func find(_ word: WordsTest.Word) -> Found {
        var found = Found(granules: [Bool](repeating: false, count: granuleCount))
        guard count > 0 else { return found }
        if word.isPart {
            walk(group: 0) { index, text, _, rows, granules in
                guard word.matches(text.span, needsFolding: false) else { return true }
                found.indices.append(index)
                found.rows += rows
                granules(&found.granules)
                return true
            }
            return found
        }
        var (low, high) = (0, (count + Self.step - 1) / Self.step)
        while low < high {
            let middle = (low + high) / 2
            var isBefore = false
            walk(group: middle) { _, text, needsFolding, _, _ in
                let folded = needsFolding ? WordScanner.folded(text.span) : text
                isBefore = folded.span.isBefore(word.text.span)
                return false
            }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        walk(group: max(0, low - 1)) { index, text, needsFolding, rows, granules in
            let folded = needsFolding ? WordScanner.folded(text.span) : text
            if folded.span.isBefore(word.text.span) { return true }
            guard word.matches(folded: folded.span) else { return false }
            found.indices.append(index)
            found.rows += rows
            granules(&found.granules)
            return true
        }
        return found
    }

    /// The word with a number.
    func text(_ index: Int) -> [UInt8] {
        guard index >= 0, index < count else { return [] }
        var found: [UInt8] = []
        walk(group: index / Self.step) { place, text, _, _, _ in
            guard place == index else { return true }
            found = text
            return false
        }
        return found
    }

    /// Hands all words over, in order.
    func forEach(_ body: (_ index: Int, _ text: [UInt8]) -> Void) {
        guard count > 0 else { return }
        walk(group: 0) { index, text, _, _, _ in
            body(index, text)
            return true
        }
    }
}
