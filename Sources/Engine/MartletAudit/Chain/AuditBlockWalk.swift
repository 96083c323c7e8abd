import MartletFiles

/// Goes through the records of a block, whatever is wrong with them.
struct AuditBlockWalk {
    /// What stands in the file, one after the other.
    enum Item {
        /// A commit whose frame is whole, or whose checksum alone is wrong.
        case commit(AuditRecordFrame, AuditCommitContent)
        /// The closing of the block.
        case footer(AuditRecordFrame, AuditBlockSummary)
        /// Bytes that are no record, with a whole record behind them.
        case damage(Range<Int>)
        /// Bytes at the end that are no whole record; whether they may be one that was being written.
        case tail(Range<Int>, isTorn: Bool)
    }

    let header: AuditBlockHeader
    private var place = AuditBlockHeader.size

    /// Begins; `nil` where the file has not the header of a block.
    init?(_ file: Span<UInt8>) {
        guard let header = AuditBlockHeader(file) else { return nil }
        self.header = header
    }

    /// The next item, `nil` at the end.
    mutating func next(_ file: Span<UInt8>) -> Item? {
        guard place < file.count else { return nil }
        let start = place
        guard let frame = AuditRecordFrame(file, at: start) else { return damage(file, start) }
        if frame.marker == AuditCommit.footerMarker {
            guard frame.payload.count == AuditBlockSummary.closingSize else { return damage(file, start) }
            place = frame.end
            return .footer(frame, AuditBlockSummary(header: header, closing: file.extracting(frame.payload)))
        }
        // With a wrong checksum the length may be wrong too; it is right where a record or the end follows.
        let followed = frame.end == file.count || AuditRecordFrame(file, at: frame.end) != nil
        guard frame.isWhole || followed, let content = AuditCommitContent(file, frame.payload) else {
            return damage(file, start)
        }
        place = frame.end
        return .commit(frame, content)
    }

    private mutating func damage(_ file: Span<UInt8>, _ start: Int) -> Item {
        if let next = AuditRecordFrame.next(file, after: start) {
            place = next
            return .damage(start..<next)
        }
        place = file.count
        return .tail(start..<file.count, isTorn: Self.isTorn(file, start))
    }

    /// Whether the bytes are the beginning of a record that the file ends before, or zeros that a power cut left.
    private static func isTorn(_ file: Span<UInt8>, _ start: Int) -> Bool {
        var isZero = true
        for index in start..<file.count where file[index] != 0 {
            isZero = false
            break
        }
        if isZero || file.count - start < AuditCommit.frameSize { return true }
        guard file.uint32(at: start) == AuditCommit.marker else { return false }
        return Int(file.uint32(at: start + 4)) > file.count - start - AuditCommit.frameSize - AuditHash.byteCount
    }
}
