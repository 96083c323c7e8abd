import MartletEvents
import MartletFiles

/// The words of a granule that are told as they are, in order.
struct VariableTexts {
    private let bytes: [UInt8]
    private let ranges: [Range<Int>]

    /// None.
    init() { (bytes, ranges) = ([], []) }

    /// Reads words, each behind its varint length; what is cut off is left out.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var (ranges, at): ([Range<Int>], Int) = ([], 0)
        let span = bytes.span
        while at < bytes.count {
            guard let size = span.varint(&at), size <= UInt64(bytes.count - at) else { break }
            ranges.append(at..<(at + Int(size)))
            at += Int(size)
        }
        self.ranges = ranges
    }

    /// How many there are.
    var count: Int { ranges.count }

    subscript(number: Int) -> ArraySlice<UInt8> { bytes[ranges[number]] }

    /// Hands the numbers of words that meet a condition over.
    func forEachNumber(where isMeant: (Span<UInt8>) -> Bool, _ body: (Int) -> Void) {
        let span = bytes.span
        for (number, range) in ranges.enumerated() where isMeant(span.extracting(range)) { body(number) }
    }
}
