import MartletCore

/// What a log record holds.
enum LogRecordType: UInt8, Sendable {
    case series = 1
    case samples = 2

    /// How many items a writer puts into one record.
    var itemsMax: Int { self == .series ? 64 : 512 }
}

/// The bytes of the write-ahead log; docs/formats/wal.md says the same in words.
enum LogCodec {
    /// "MREC" as bytes: begins every record, so that reading can go on behind damage.
    static let marker: UInt32 = 0x4345_524d

    /// Marker, length, checksum and type.
    static let frameSize = 13

    /// A longer payload is taken for damage.
    static let payloadMax = 64 << 20

    /// "MRTWAL", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x57, 0x41, 0x4c, 0, 0]

    static let version: UInt32 = 1
    static let headerSize = 28

    /// A log file's first bytes: magic, version, sequence, salt, checksum.
    static func header(sequence: UInt64, salt: UInt32) -> [UInt8] {
        var bytes = magic
        bytes.appendLittleEndian(version)
        bytes.appendLittleEndian(sequence)
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(CRC32C.checksum(bytes.span))
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

    /// Fills in the checksums of whole records.
    static func seal(_ records: inout [UInt8], salt: UInt32) {
        var start = 0
        while start + frameSize <= records.count {
            let end = start + frameSize + Int(records.span.uint32(at: start + 4))
            let checksum = checksum(records.span.extracting(start..<end), salt: salt)
            records.replaceLittleEndian(at: start + 8, with: checksum)
            start = end
        }
    }

    /// The checksum of a whole record: its length, type and payload.
    static func checksum(_ record: Span<UInt8>, salt: UInt32) -> UInt32 {
        var checksum = CRC32C(seed: salt)
        checksum.add(record.extracting(4..<8))
        checksum.add(record.extracting(12..<record.count))
        return checksum.value
    }

    static func appendSeries(_ slot: Int, _ labels: LabelSet, to bytes: inout [UInt8]) {
        Varint.append(UInt64(slot), to: &bytes)
        Varint.append(UInt64(labels.count), to: &bytes)
        for label in labels {
            for text in [label.name, label.value] {
                Varint.append(UInt64(text.utf8.count), to: &bytes)
                bytes.append(contentsOf: text.utf8)
            }
        }
    }

    /// Reads the series of a record's payload; `false` where the bytes end in the middle.
    static func readSeries(_ payload: Span<UInt8>, _ body: (_ slot: Int, _ labels: LabelSet) -> Void) -> Bool {
        var at = 0
        while at < payload.count {
            guard let slot = Varint.read(payload, &at), slot < UInt64(UInt32.max),
                let count = Varint.read(payload, &at), count <= UInt64(Head.labelCountMax)
            else { return false }
            var labels: [Label] = []
            labels.reserveCapacity(Int(count))
            for _ in 0..<count {
                guard let name = readText(payload, &at), let value = readText(payload, &at) else { return false }
                labels.append(Label(name, value))
            }
            body(Int(slot), LabelSet(labels))
        }
        return true
    }

    private static func readText(_ payload: Span<UInt8>, _ at: inout Int) -> String? {
        guard let count = Varint.read(payload, &at), count <= UInt64(payload.count - at) else { return nil }
        let end = at + Int(count)
        let text = text(payload.extracting(at..<end))
        at = end
        return text
    }

    /// A text of bytes; what is not UTF-8 is repaired.
    static func text(_ bytes: Span<UInt8>) -> String {
        // Safety: the text is copied while the bytes are lent.
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Reads the samples of a record's payload; `false` where the bytes end in the middle.
    @inline(__always)
    static func readSamples(
        _ payload: Span<UInt8>,
        _ body: (_ slot: Int, _ timestamp: Int64, _ value: Double) -> Void
    ) -> Bool {
        var at = 0
        var (slot, time) = (Int64(0), Int64(0))
        while at < payload.count {
            guard let slotChange = Varint.read(payload, &at), let timeChange = Varint.read(payload, &at),
                let token = ValueToken.read(payload, &at, base: 0)
            else { return false }
            slot &+= Varint.unzigzag(slotChange)
            time &+= Varint.unzigzag(timeChange)
            guard slot >= 0, slot < Int64(UInt32.max) else { return false }
            body(Int(slot), time, token.value)
        }
        return true
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
