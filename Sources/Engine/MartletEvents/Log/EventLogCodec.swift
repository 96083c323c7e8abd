import MartletFiles

/// The writing end of the log of events.
typealias EventLog = RecordLog<EventLogCodec, [UInt8]>

/// The bytes of the write-ahead log of events; docs/formats/events.md says the same in words.
enum EventLogCodec: RecordFormat {
    /// "MEVR" as bytes.
    static let marker: UInt32 = 0x5256_454d

    /// A ticket.
    static let tagSize = 8

    /// Marker, length, checksum and ticket.
    static let frameSize = 20

    static let payloadMax = 128 << 20

    /// "MRTEVL", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x45, 0x56, 0x4c, 0, 0]

    static let versions: ClosedRange<UInt32> = 1...1

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
}
