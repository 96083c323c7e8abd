import MartletCore
import MartletFiles
import MartletSeries

/// The bytes of the write-ahead log; docs/formats/wal.md says the same in words.
enum LogCodec: RecordFormat {
    /// "MREC" as bytes.
    static let marker: UInt32 = 0x4345_524d

    /// A record's type.
    static let tagSize = 1

    /// Marker, length, checksum and type.
    static let frameSize = 13

    static let payloadMax = 64 << 20

    /// "MRTWAL", two zero bytes.
    static let magic: [UInt8] = [0x4d, 0x52, 0x54, 0x57, 0x41, 0x4c, 0, 0]

    static let versions: ClosedRange<UInt32> = 1...2

    /// Reads the series of a record of version 1; `false` where the bytes end in the middle.
    static func readOldSeries(_ payload: Span<UInt8>, _ body: (_ slot: Int, _ labels: LabelSet) -> Void) -> Bool {
        var at = 0
        while at < payload.count {
            guard let slot = payload.varint(&at), slot < UInt64(UInt32.max),
                let count = payload.varint(&at), count <= 1024
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
        guard let count = payload.varint(&at), count <= UInt64(payload.count - at) else { return nil }
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

    /// Reads the samples of a record of version 1; `false` where the bytes end in the middle.
    static func readOldSamples(
        _ payload: Span<UInt8>,
        _ body: (_ slot: Int, _ timestamp: Int64, _ value: Double) -> Void
    ) -> Bool {
        var at = 0
        var (slot, time) = (Int64(0), Int64(0))
        while at < payload.count {
            guard let slotChange = payload.varint(&at), let timeChange = payload.varint(&at),
                let token = ValueToken.read(payload, &at, base: 0)
            else { return false }
            slot &+= unzigzag(slotChange)
            time &+= unzigzag(timeChange)
            guard slot >= 0, slot < Int64(UInt32.max) else { return false }
            body(Int(slot), time, token.value)
        }
        return true
    }

    // MARK: Series

    /// Appends a series, told by what its label bytes share with those of the series before it in the record.
    static func append(_ slot: Int, _ labels: Span<UInt8>, after before: [UInt8], to writer: ByteWriter) {
        var prefix = 0
        while prefix < labels.count, prefix < before.count, labels[prefix] == before[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < labels.count - prefix, suffix < before.count - prefix,
            labels[labels.count - 1 - suffix] == before[before.count - 1 - suffix]
        {
            suffix += 1
        }
        writer.putVarint(UInt64(slot))
        writer.putVarint(UInt64(prefix))
        writer.putVarint(UInt64(suffix))
        writer.putVarint(UInt64(labels.count - prefix - suffix))
        writer.put(labels.extracting(prefix..<(labels.count - suffix)))
    }

    /// Reads the series of a record's payload; `false` where the bytes make none.
    static func readSeries(_ payload: Span<UInt8>, _ body: (_ slot: Int, _ labels: [UInt8]) -> Void) -> Bool {
        var at = 0
        var before: [UInt8] = []
        while at < payload.count {
            guard let slot = payload.varint(&at), slot < UInt64(UInt32.max),
                let prefix = payload.varint(&at), let suffix = payload.varint(&at),
                let count = payload.varint(&at), count <= UInt64(payload.count - at),
                prefix <= UInt64(before.count), suffix <= UInt64(before.count) - prefix
            else { return false }
            var labels = Array(before[..<Int(prefix)])
            for place in at..<(at + Int(count)) { labels.append(payload[place]) }
            labels.append(contentsOf: before[(before.count - Int(suffix))...])
            at += Int(count)
            body(Int(slot), labels)
            before = labels
        }
        return true
    }

    // MARK: Samples

    /// The bits of a sample's first byte that say how many bytes of its value follow.
    static let valueMask: UInt8 = 0x0f

    /// Says that the series' number is one more than that of the sample before.
    static let isNextFlag: UInt8 = 0x10

    /// Says that the time is that of the sample before.
    static let isSameTimeFlag: UInt8 = 0x20

    /// Reads the samples of a record's payload; `false` where the bytes make none.
    @inline(__always)
    static func readSamples(
        _ payload: Span<UInt8>,
        _ body: (_ slot: Int, _ timestamp: Int64, _ value: Double) -> Void
    ) -> Bool {
        var at = 0
        var (slot, time) = (Int64(-1), Int64(0))
        while at < payload.count {
            let head = payload[at]
            at += 1
            let count = Int(head & valueMask)
            guard head < 0x40, count <= 8 else { return false }
            if head & isNextFlag != 0 {
                slot += 1
            } else {
                guard let change = payload.varint(&at) else { return false }
                slot &+= unzigzag(change)
            }
            if head & isSameTimeFlag == 0 {
                guard let change = payload.varint(&at) else { return false }
                time &+= unzigzag(change)
            }
            guard slot >= 0, slot < Int64(UInt32.max), count <= payload.count - at else { return false }
            let bits = count == 0 ? 0 : payload.word(at: at) << UInt64(64 - 8 * count)
            at += count
            body(Int(slot), time, Double(bitPattern: bits))
        }
        return true
    }

    /// Appends a histogram.
    static func append(_ slot: Int, _ timestamp: Int64, _ histogram: NativeHistogram, to writer: ByteWriter) {
        writer.putVarint(UInt64(slot))
        writer.putZigzag(timestamp)
        HistogramCodec.encode(histogram, to: writer)
    }

    /// Reads the histograms of a record's payload; `false` where the bytes make none.
    static func readHistograms(
        _ payload: Span<UInt8>,
        _ body: (_ slot: Int, _ timestamp: Int64, _ histogram: NativeHistogram) -> Void
    ) -> Bool {
        var at = 0
        while at < payload.count {
            guard let slot = payload.varint(&at), slot < UInt64(UInt32.max),
                let time = payload.varint(&at), let histogram = HistogramCodec.read(payload, &at)
            else { return false }
            body(Int(slot), unzigzag(time), histogram)
        }
        return true
    }

    // MARK: Exemplars

    /// Appends an exemplar.
    static func append(_ exemplar: ExemplarSample, of labels: LabelSet, to writer: ByteWriter) {
        for set in [labels, exemplar.labels] {
            let bytes = LabelBytes.encode(set)
            writer.putVarint(UInt64(bytes.count))
            writer.put(bytes)
        }
        writer.putZigzag(exemplar.timestamp)
        writer.put(exemplar.value.bitPattern, bytes: 8)
    }

    /// Reads the exemplars of a record's payload; `false` where the bytes make none.
    static func readExemplars(
        _ payload: Span<UInt8>,
        _ body: (_ exemplar: ExemplarSample, _ labels: LabelSet) -> Void
    ) -> Bool {
        var at = 0
        func labels() -> LabelSet? {
            guard let count = payload.varint(&at), count <= UInt64(payload.count - at) else { return nil }
            at += Int(count)
            return LabelBytes.decode(payload.extracting((at - Int(count))..<at))
        }
        while at < payload.count {
            guard let series = labels(), let own = labels(), let time = payload.varint(&at),
                payload.count - at >= 8
            else { return false }
            let value = Double(bitPattern: payload.word(at: at))
            at += 8
            body(ExemplarSample(labels: own, value: value, timestamp: unzigzag(time)), series)
        }
        return true
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
