import MartletFiles

/// A group of events that became durable together.
struct AuditCommit {
    /// "MAUC" as bytes.
    static let marker: UInt32 = 0x4355_414d

    /// "MAUF" as bytes: what closes a block.
    static let footerMarker: UInt32 = 0x4655_414d

    /// Marker, length, checksum, zero.
    static let frameSize = 16

    /// Number, time, first event, count of events.
    static let headSize = 28

    /// Length and leaf before each event.
    static let entrySize = 4 + AuditHash.byteCount

    /// A longer payload is taken for damage.
    static let payloadMax = 64 << 20

    /// The frame around a payload, whose hash follows it.
    static func frame(_ marker: UInt32, _ payload: [UInt8], hash: AuditHash) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frameSize + payload.count + AuditHash.byteCount)
        bytes.append(littleEndian: marker)
        bytes.append(littleEndian: UInt32(payload.count))
        bytes.append(littleEndian: CRC32C.checksum(payload.span))
        bytes.append(littleEndian: UInt32(0))
        bytes += payload
        bytes += hash.bytes
        return bytes
    }

    /// The payload of a commit.
    static func payload(_ number: UInt64, time: Int64, firstEvent: UInt64, _ events: [[UInt8]], leaves: [AuditHash])
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headSize + events.reduce(0) { $0 + $1.count + entrySize })
        bytes.append(littleEndian: number)
        bytes.append(littleEndian: UInt64(bitPattern: time))
        bytes.append(littleEndian: firstEvent)
        bytes.append(littleEndian: UInt32(events.count))
        for (event, leaf) in zip(events, leaves) {
            bytes.append(littleEndian: UInt32(event.count))
            bytes += leaf.bytes
            bytes += event
        }
        return bytes
    }
}

/// A record of a block, read as far as it holds together.
struct AuditRecordFrame {
    var marker: UInt32
    /// Where the payload stands in the file.
    var payload: Range<Int>
    /// The hash written behind it.
    var hash: AuditHash
    /// Whether the checksum fits.
    var isWhole: Bool
    /// Where the next record begins.
    var end: Int

    /// The record that begins at a place; `nil` where none does, or the file ends before it.
    init?(_ file: Span<UInt8>, at start: Int) {
        guard file.count - start >= AuditCommit.frameSize else { return nil }
        marker = file.uint32(at: start)
        guard marker == AuditCommit.marker || marker == AuditCommit.footerMarker else { return nil }
        let count = Int(file.uint32(at: start + 4))
        let first = start + AuditCommit.frameSize
        guard count <= AuditCommit.payloadMax, file.count - first >= count + AuditHash.byteCount else { return nil }
        payload = first..<(first + count)
        hash = file.hash(at: first + count)
        isWhole =
            CRC32C.checksum(file.extracting(payload)) == file.uint32(at: start + 8)
            && file.uint32(at: start + 12) == 0
        end = first + count + AuditHash.byteCount
    }

    /// Where the next whole record behind a place begins; `nil` where there is none.
    static func next(_ file: Span<UInt8>, after start: Int) -> Int? {
        var place = start + 1
        while place + AuditCommit.frameSize <= file.count {
            if file[place] == 0x4d, let frame = AuditRecordFrame(file, at: place), frame.isWhole { return place }
            place += 1
        }
        return nil
    }
}

/// The head of a commit's payload and where its events stand.
struct AuditCommitContent {
    struct Entry {
        var leaf: AuditHash
        /// Where the event stands in the file.
        var range: Range<Int>
    }

    var number: UInt64
    var time: Int64
    var firstEvent: UInt64
    /// How many events the commit says it has.
    var count: Int
    var entries: [Entry]
    /// Whether the entries fill the payload exactly.
    var isComplete: Bool

    /// Reads a payload as far as it goes; `nil` where even its head is missing.
    init?(_ file: Span<UInt8>, _ payload: Range<Int>) {
        guard payload.count >= AuditCommit.headSize else { return nil }
        let start = payload.lowerBound
        number = file.uint64(at: start)
        time = Int64(bitPattern: file.uint64(at: start + 8))
        firstEvent = file.uint64(at: start + 16)
        count = Int(file.uint32(at: start + 24))
        entries = []
        var place = start + AuditCommit.headSize
        while entries.count < count, payload.upperBound - place >= AuditCommit.entrySize {
            let length = Int(file.uint32(at: place))
            let first = place + AuditCommit.entrySize
            guard length <= payload.upperBound - first else { break }
            entries.append(Entry(leaf: file.hash(at: place + 4), range: first..<(first + length)))
            place = first + length
        }
        isComplete = entries.count == count && place == payload.upperBound
    }
}
