/// How the files of a write-ahead log look: what all logs have in common, and in the requirements what each has of its own.
///
/// A file begins with magic, version, sequence, salt and a checksum of these. Then come records: marker, length of the
/// payload, checksum, tag, payload; numbers with the low byte first. The checksum covers length, tag and payload, and its seed is
/// the file's salt, so that what an older file left on the disk is not taken for a record of this one.
package protocol RecordFormat: Sendable {
    /// A file's first eight bytes.
    static var magic: [UInt8] { get }

    /// The versions that can be read; the last is written.
    static var versions: ClosedRange<UInt32> { get }

    /// Begins every record, so that reading can go on behind damage.
    static var marker: UInt32 { get }

    /// How many bytes a record has of the log's own, before its payload.
    static var tagSize: Int { get }

    /// A longer payload is taken for damage.
    static var payloadMax: Int { get }
}

extension RecordFormat {
    /// How many bytes a file has before its first record.
    package static var headerSize: Int { 28 }

    /// How many bytes a record has before its payload.
    package static var frameSize: Int { 12 + tagSize }

    // MARK: Names and headers

    /// A log file's name, which repeats sequence and salt so that a damaged header costs nothing.
    package static func fileName(sequence: UInt64, salt: UInt32) -> String {
        "\(padded(String(sequence), 10))-\(padded(String(salt, radix: 16), 8)).wal"
    }

    /// Sequence and salt from a log file's name.
    package static func parse(fileName: String) -> (sequence: UInt64, salt: UInt32)? {
        guard fileName.hasSuffix(".wal") else { return nil }
        let parts = fileName.dropLast(4).split(separator: "-")
        guard parts.count == 2, let sequence = UInt64(parts[0]), let salt = UInt32(parts[1], radix: 16) else {
            return nil
        }
        return (sequence, salt)
    }

    /// A number's digits with zeros before them.
    package static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    /// A log file's first bytes, of the newest version unless one is told.
    package static func header(sequence: UInt64, salt: UInt32, version: UInt32? = nil) -> [UInt8] {
        var bytes = magic
        append(UInt64(version ?? versions.upperBound), bytes: 4, to: &bytes)
        append(sequence, bytes: 8, to: &bytes)
        append(UInt64(salt), bytes: 4, to: &bytes)
        append(UInt64(CRC32C.checksum(bytes.span)), bytes: 4, to: &bytes)
        return bytes
    }

    private static func append(_ number: UInt64, bytes count: Int, to bytes: inout [UInt8]) {
        for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))) }
    }

    // MARK: Checksums

    /// Fills in the checksums of whole records.
    package static func seal(_ records: inout some RecordBytes, salt: UInt32) {
        var start = 0
        while start + frameSize <= records.count {
            let (end, checksum) = records.withBytes { bytes in
                let end = start + frameSize + Int(bytes.uint32(at: start + 4))
                return (end, Self.checksum(bytes.extracting(start..<end), salt: salt))
            }
            records.replace(at: start + 8, with: checksum)
            start = end
        }
    }

    private static func checksum(_ record: Span<UInt8>, salt: UInt32) -> UInt32 {
        var checksum = CRC32C(seed: salt)
        checksum.add(record.extracting(4..<8))
        checksum.add(record.extracting(12..<record.count))
        return checksum.value
    }

    // MARK: Reading

    /// Reads a file's records in order, whatever was damaged.
    ///
    /// A record that fails its checks is skipped, and the file is searched for the next valid one. A file that ends in the middle
    /// of a record is what a stop leaves behind, and no damage.
    ///
    /// - Parameters:
    ///   - file: The whole file.
    ///   - sequence: The number in the file's name.
    ///   - salt: The salt in the file's name.
    ///   - body: Takes a record's tag and its payload, and tells whether they could be read.
    /// - Returns: How many stretches of the file were damaged, each a record or more.
    package static func read(
        _ file: Span<UInt8>,
        sequence: UInt64,
        salt: UInt32,
        _ body: (_ tag: Span<UInt8>, _ payload: Span<UInt8>) -> Bool
    ) -> Int {
        guard file.count >= headerSize else { return 0 }
        var damaged = isHeader(file.extracting(0..<headerSize), sequence: sequence, salt: salt) ? 0 : 1
        var start = headerSize
        while start < file.count {
            if let end = recordEnd(file, at: start, salt: salt) {
                let payload = start + frameSize
                if !body(file.extracting((start + 12)..<payload), file.extracting(payload..<end)) { damaged += 1 }
                start = end
            } else if let next = nextRecord(file, after: start, salt: salt) {
                damaged += 1
                start = next
            } else {
                return isTail(file.extracting(start..<file.count)) ? damaged : damaged + 1
            }
        }
        return damaged
    }

    /// Whether these are a header's bytes, or as many of them as were written before a stop and zeros.
    private static func isHeader(_ header: Span<UInt8>, sequence: UInt64, salt: UInt32) -> Bool {
        versions.contains { version in
            let expected = Self.header(sequence: sequence, salt: salt, version: version)
            let written = expected.indices.prefix { header[$0] == expected[$0] }.endIndex
            return (written..<headerSize).allSatisfy { header[$0] == 0 }
        }
    }

    /// Where the record ends that begins at a place; `nil` where none does.
    private static func recordEnd(_ file: Span<UInt8>, at start: Int, salt: UInt32) -> Int? {
        guard file.count - start >= frameSize, file.uint32(at: start) == marker else { return nil }
        let length = Int(file.uint32(at: start + 4))
        guard length <= payloadMax, length <= file.count - start - frameSize else { return nil }
        let end = start + frameSize + length
        guard checksum(file.extracting(start..<end), salt: salt) == file.uint32(at: start + 8) else { return nil }
        return end
    }

    /// The start of the next valid record behind a place.
    private static func nextRecord(_ file: Span<UInt8>, after start: Int, salt: UInt32) -> Int? {
        let first = UInt8(truncatingIfNeeded: marker)
        var place = start + 1
        while place + frameSize <= file.count {
            if file[place] == first, recordEnd(file, at: place, salt: salt) != nil { return place }
            place += 1
        }
        return nil
    }

    /// Whether a file's rest looks like a record that was not written to its end, or like space never written.
    private static func isTail(_ rest: Span<UInt8>) -> Bool {
        if rest.indices.allSatisfy({ rest[$0] == 0 }) { return true }
        for place in 0..<min(4, rest.count) {
            guard rest[place] == UInt8(truncatingIfNeeded: marker >> UInt32(8 * place)) else { return false }
        }
        guard rest.count >= frameSize else { return true }
        return frameSize + Int(rest.uint32(at: 4)) > rest.count
    }
}
