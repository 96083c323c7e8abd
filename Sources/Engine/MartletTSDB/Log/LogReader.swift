/// Finds the valid records of a log file, whatever was damaged.
///
/// A record that fails its checks is skipped and the file is searched for the next valid one. A file that ends in the
/// middle of a record is what a stop leaves behind, and no damage.
enum LogReader {
    /// Reads a file's records in order.
    ///
    /// - Returns: How many stretches of the file were damaged, each a record or more.
    static func read(
        _ file: Span<UInt8>,
        sequence: UInt64,
        salt: UInt32,
        _ body: (_ type: LogRecordType, _ payload: Span<UInt8>) -> Bool
    ) -> Int {
        var damaged = 0
        var start = 0
        guard file.count >= LogCodec.headerSize else {
            return 0
        }
        start = LogCodec.headerSize
        if !isHeader(file.extracting(0..<start), sequence: sequence, salt: salt) { damaged += 1 }
        var isInDamage = false
        while start < file.count {
            if let (type, end) = record(file, at: start, salt: salt) {
                if isInDamage { damaged += 1 }
                isInDamage = false
                if !body(type, file.extracting((start + LogCodec.frameSize)..<end)) { damaged += 1 }
                start = end
            } else {
                if !isInDamage, isTail(file, at: start), nextRecord(file, after: start, salt: salt) == nil {
                    return damaged
                }
                isInDamage = true
                guard let next = nextRecord(file, after: start, salt: salt) else { return damaged + 1 }
                start = next
            }
        }
        return damaged
    }

    private static func isHeader(_ header: Span<UInt8>, sequence: UInt64, salt: UInt32) -> Bool {
        (LogCodec.oldestVersion...LogCodec.version).contains { version in
            let expected = LogCodec.header(sequence: sequence, salt: salt, version: version)
            return (0..<LogCodec.headerSize).allSatisfy { header[$0] == expected[$0] }
        }
    }

    private static func record(_ file: Span<UInt8>, at start: Int, salt: UInt32) -> (LogRecordType, Int)? {
        guard start + LogCodec.frameSize <= file.count, file.uint32(at: start) == LogCodec.marker else { return nil }
        let length = Int(file.uint32(at: start + 4))
        let end = start + LogCodec.frameSize + length
        guard length <= LogCodec.payloadMax, end <= file.count, let type = LogRecordType(rawValue: file[start + 12]),
            LogCodec.checksum(file.extracting(start..<end), salt: salt) == file.uint32(at: start + 8)
        else { return nil }
        return (type, end)
    }

    /// The start of the next valid record behind a place.
    private static func nextRecord(_ file: Span<UInt8>, after start: Int, salt: UInt32) -> Int? {
        var place = start + 1
        while place + LogCodec.frameSize <= file.count {
            if file[place] == 0x4d, record(file, at: place, salt: salt) != nil { return place }
            place += 1
        }
        return nil
    }

    /// Whether what begins here looks like a record that was not written to its end, or like space never written.
    private static func isTail(_ file: Span<UInt8>, at start: Int) -> Bool {
        let rest = file.extracting(start..<file.count)
        var isZero = true
        for place in 0..<rest.count where rest[place] != 0 {
            isZero = false
            break
        }
        if isZero { return true }
        for place in 0..<min(4, rest.count) {
            guard rest[place] == UInt8(truncatingIfNeeded: LogCodec.marker >> UInt32(8 * place)) else { return false }
        }
        guard rest.count >= LogCodec.frameSize else { return true }
        return LogCodec.frameSize + Int(rest.uint32(at: 4)) > rest.count
    }
}
