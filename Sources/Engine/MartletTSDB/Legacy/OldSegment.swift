import MartletCore
import MartletFiles
import MartletSeries

/// A segment of version 1, read to be converted.
struct OldSegment {
    private let file: MappedFile
    private let footer: OldSegmentLayout.Footer

    /// Opens a file and checks its index; blocks are checked when they are read.
    init(_ file: MappedFile) throws(SegmentDamage) {
        self.file = file
        footer = try file.withBytes { OldSegmentLayout.decode($0) }.get()
    }

    /// How many series there are.
    var count: Int { footer.seriesCount }

    var logSequence: UInt64 { footer.logSequence }

    /// Whether a file begins as one of version 1 does.
    static func isOld(_ file: MappedFile) -> Bool {
        file.withBytes { bytes in
            guard bytes.count >= OldSegmentLayout.headerSize else { return false }
            return bytes.uint32(at: 8) == OldSegmentLayout.version
        }
    }

    /// The labels of a series.
    func labels(_ place: Int) -> LabelSet {
        file.withBytes { bytes in
            let entry = footer.series + place * OldSegmentLayout.seriesSize
            let start = footer.pairs + 8 * Int(bytes.uint32(at: entry + 36))
            return LabelSet(
                (0..<Int(bytes.uint32(at: entry + 40))).map { pair in
                    Label(
                        text(bytes, bytes.uint32(at: start + 8 * pair)),
                        text(bytes, bytes.uint32(at: start + 8 * pair + 4))
                    )
                }
            )
        }
    }

    private func text(_ bytes: Span<UInt8>, _ symbol: UInt32) -> String {
        let offset = footer.indexStart + 4 * Int(symbol)
        let range = Int(bytes.uint32(at: offset))..<Int(bytes.uint32(at: offset + 4))
        return LogCodec.text(
            bytes.extracting((footer.symbolTexts + range.lowerBound)..<(footer.symbolTexts + range.upperBound))
        )
    }

    /// Appends the samples of a series; `false` where its block is damaged.
    func read(_ place: Int, into columns: inout SeriesColumns) -> Bool {
        file.withBytes { bytes in
            let entry = footer.series + place * OldSegmentLayout.seriesSize
            let start = Int(bytes.uint64(at: entry))
            let block = bytes.extracting(start..<(start + Int(bytes.uint32(at: entry + 8))))
            guard CRC32C.checksum(block) == bytes.uint32(at: entry + 12) else { return false }
            var decoder = OldChunkDecoder()
            var at = 0
            while at < block.count {
                guard let length = block.varint(&at), length <= UInt64(block.count - at) else { return false }
                let chunk = block.extracting(at..<(at + Int(length)))
                at += Int(length)
                guard decoder.decode(chunk) else { return false }
                for (time, value) in zip(decoder.timestamps, decoder.values) { columns.append(time, value) }
            }
            return true
        }
    }
}
