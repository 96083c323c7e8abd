import MartletFiles

/// The bytes of the write-ahead log of events; docs/formats/events.md says the same in words.
enum EventLogCodec {
    /// "MEVR" as bytes: begins every record, so that reading can go on behind damage.
    static let marker: UInt32 = 0x5256_454d

    /// Marker, length, checksum and ticket.
    static let frameSize = 20

    /// A longer payload is taken for damage, and refused when it is to be written.
    static let payloadMax = 128 << 20

    /// "MRTEVL", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x45, 0x56, 0x4c, 0, 0]

    static let version: UInt32 = 1

    /// Magic, version, sequence, salt, checksum.
    static let headerSize = 28

    /// A log file's first bytes.
    static func header(sequence: UInt64, salt: UInt32) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: salt)
        bytes.append(littleEndian: CRC32C.checksum(bytes.span))
        return bytes
    }

    /// A log file's name, which repeats sequence and salt so that a damaged header costs nothing.
    static func fileName(sequence: UInt64, salt: UInt32) -> String {
        "\(padded(String(sequence), 10))-\(padded(String(salt, radix: 16), 8)).wal"
    }

    /// Sequence and salt from a log file's name.
    static func parse(fileName: String) -> (sequence: UInt64, salt: UInt32)? {
        guard fileName.hasSuffix(".wal") else { return nil }
        let parts = fileName.dropLast(4).split(separator: "-")
        guard parts.count == 2, let sequence = UInt64(parts[0]), let salt = UInt32(parts[1], radix: 16) else {
            return nil
        }
        return (sequence, salt)
    }

    /// Appends a record whose checksum is filled in when it is written.
    ///
    /// The ticket tells a record that a failed file may have and the next one repeats from another.
    static func append(_ payload: Span<UInt8>, ticket: UInt64, to records: inout [UInt8]) {
        records.reserveCapacity(max(records.capacity, records.count + frameSize + payload.count))
        records.append(littleEndian: marker)
        records.append(littleEndian: UInt32(payload.count))
        records.append(littleEndian: UInt32(0))
        records.append(littleEndian: ticket)
        records.append(span: payload)
    }

    /// Fills in the checksums of whole records.
    static func seal(_ records: inout [UInt8], salt: UInt32) {
        var start = 0
        while start + frameSize <= records.count {
            let end = start + frameSize + Int(records.span.uint32(at: start + 4))
            let checksum = checksum(records.span.extracting(start..<end), salt: salt)
            for byte in 0..<4 {
                records[start + 8 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * byte))
            }
            start = end
        }
    }

    /// The checksum of a whole record: its length, its ticket and its payload.
    private static func checksum(_ record: Span<UInt8>, salt: UInt32) -> UInt32 {
        var checksum = CRC32C(seed: salt)
        checksum.add(record.extracting(4..<8))
        checksum.add(record.extracting(12..<record.count))
        return checksum.value
    }

    /// Reads a file's records in order, whatever was damaged.
    ///
    /// A record that fails its checks is skipped and the file is searched for the next valid one. A file that ends in
    /// the middle of a record is what a stop leaves behind, and no damage.
    ///
    /// - Returns: How many stretches of the file were damaged, each a record or more.
    static func read(_ file: Span<UInt8>, salt: UInt32, _ body: (_ ticket: UInt64, _ payload: Span<UInt8>) -> Bool)
        -> Int
    {
        guard file.count >= headerSize else { return 0 }
        var damaged = 0
        var start = headerSize
        while start < file.count {
            if let end = recordEnd(file, at: start, salt: salt) {
                let isWhole = body(file.uint64(at: start + 12), file.extracting((start + frameSize)..<end))
                if !isWhole { damaged += 1 }
                start = end
            } else if let next = nextRecord(file, after: start, salt: salt) {
                damaged += 1
                start = next
            } else {
                return isTail(file, at: start) ? damaged : damaged + 1
            }
        }
        return damaged
    }

    /// Whether what begins here is a record that the file ends before.
    private static func isTail(_ file: Span<UInt8>, at start: Int) -> Bool {
        guard file.count - start >= 8 else { return true }
        guard file.uint32(at: start) == marker else { return false }
        return start + frameSize + Int(file.uint32(at: start + 4)) > file.count
    }

    private static func recordEnd(_ file: Span<UInt8>, at start: Int, salt: UInt32) -> Int? {
        guard file.count - start >= frameSize, file.uint32(at: start) == marker else { return nil }
        let count = Int(file.uint32(at: start + 4))
        guard count <= payloadMax, count <= file.count - start - frameSize else { return nil }
        let end = start + frameSize + count
        guard checksum(file.extracting(start..<end), salt: salt) == file.uint32(at: start + 8) else { return nil }
        return end
    }

    private static func nextRecord(_ file: Span<UInt8>, after start: Int, salt: UInt32) -> Int? {
        var place = start + 1
        while place + frameSize <= file.count {
            if file[place] == UInt8(truncatingIfNeeded: marker), recordEnd(file, at: place, salt: salt) != nil {
                return place
            }
            place += 1
        }
        return nil
    }

    static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
