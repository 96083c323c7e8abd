import MartletCore
import MartletRemoteWrite
import MartletSeries

/// Fills a batch with what a request holds.
struct WriteIntake: WriteVisitor {
    /// How many bytes the labels of one 2.0 body may come to when every reference is written out.
    private static let labelBytesMax = 64 << 20

    /// The buffers; the body itself is in ``bytes``.
    var workspace: WriteWorkspace

    /// What could not be put into the batch.
    var refusals = Refusals()

    /// What metrics say of themselves.
    private(set) var metadata: [String: MetricMetadata] = [:]

    private let bytes: [UInt8]
    private let createsZeros: Bool
    private var exemplars: [(entry: Int, exemplar: ExemplarSample)] = []
    private var symbols: [Range<Int>] = []
    private var isVersion2 = false
    private var name = -1
    private var describedNames: Set<Int> = []
    private var created: Int64 = 0
    private var labels = 0..<0

    init(workspace: WriteWorkspace, createsZeros: Bool) {
        self.workspace = workspace
        bytes = workspace.body
        self.createsZeros = createsZeros
    }

    @inline(__always)
    mutating func series(labels: Range<Int>) {
        workspace.batch.beginSeries(labels: labels)
    }

    @inline(__always)
    mutating func sample(timestamp: Int64, value: Double) {
        if created != 0 { addZero(before: timestamp) }
        workspace.batch.add(timestamp: timestamp, value: value)
    }

    mutating func histogram(_ message: Range<Int>) throws(RemoteWriteError) {
        let histogram = try WriteHistogram(decoding: bytes, in: message)
        do {
            let value = try NativeHistogram(histogram)
            if created != 0 { addZero(before: histogram.timestamp, value) }
            workspace.batch.add(timestamp: histogram.timestamp, histogram: value)
        } catch {
            let what = "\(seriesText) at \(histogram.timestamp): \(error)"
            refusals.add(what)
        }
    }

    mutating func exemplar(_ message: Range<Int>) throws(RemoteWriteError) {
        let exemplar =
            isVersion2
            ? try WriteExemplar(version2: bytes, in: message, symbols: symbols)
            : try WriteExemplar(version1: bytes, in: message)
        exemplars.append(
            (
                workspace.batch.entries.count - 1,
                ExemplarSample(labels: LabelSet(exemplar.labels), value: exemplar.value, timestamp: exemplar.timestamp)
            )
        )
    }

    mutating func metadata(_ message: Range<Int>) throws(RemoteWriteError) {
        if isVersion2 {
            // Every series repeats what its metric says; once a body is enough.
            guard name >= 0, describedNames.insert(name).inserted else { return }
            let described = try WriteRequest.metadata(version2: bytes, in: message, symbols: symbols)
            guard described != MetricMetadata(type: .unknown) else { return }
            let text = String(decoding: bytes[symbols[name]], as: UTF8.self)
            metadata[described.type.family(ofSeries: text)] = described
        } else {
            let entry = try WriteRequest.Metadata(version1: bytes, in: message)
            if !entry.name.isEmpty { metadata[entry.name] = entry.metadata }
        }
    }

    mutating func symbols(_ ranges: [Range<Int>]) {
        isVersion2 = true
        symbols = ranges
    }

    mutating func series(references: [Int], created: Int64) throws(RemoteWriteError) {
        let start = workspace.labels.count
        name = -1
        for place in stride(from: 0, to: references.count, by: 2) {
            let (key, value) = (symbols[references[place]], symbols[references[place + 1]])
            if name < 0, key.count == 8, bytes[key].elementsEqual("__name__".utf8) { name = references[place + 1] }
            workspace.labels.appendLabel(name: key, value: value, of: bytes)
        }
        guard workspace.labels.count <= Self.labelBytesMax else {
            throw .limitExceeded("bytes of labels", limit: Self.labelBytesMax, offset: 0)
        }
        labels = start..<workspace.labels.count
        self.created = createsZeros ? created : 0
        workspace.batch.beginSeries(labels: labels)
    }

    /// The exemplars with the labels of their series.
    func seriesExemplars(_ labels: Span<UInt8>) -> [SeriesExemplars] {
        var result: [SeriesExemplars] = []
        var entry = -1
        for item in exemplars {
            if item.entry == entry, !result.isEmpty {
                result[result.count - 1].exemplars.append(item.exemplar)
            } else if let series = workspace.batch.labels(of: item.entry, in: labels) {
                result.append(SeriesExemplars(labels: series, exemplars: [item.exemplar]))
                entry = item.entry
            }
        }
        return result
    }

    /// A series counted from zero when it began, so that its first value is an increase.
    private mutating func addZero(before timestamp: Int64, _ histogram: NativeHistogram? = nil) {
        defer { created = 0 }
        guard created > 0, created < timestamp else { return }
        workspace.zeros.beginSeries(labels: labels)
        guard let histogram else { return workspace.zeros.add(timestamp: created, value: 0) }
        workspace.zeros.add(
            timestamp: created,
            histogram: NativeHistogram(
                schema: histogram.schema,
                zeroThreshold: histogram.zeroThreshold,
                count: 0,
                sum: 0,
                customBounds: histogram.customBounds
            )
        )
    }

    /// The series that was begun last, in words.
    private var seriesText: String {
        let buffer = isVersion2 ? workspace.labels : bytes
        let labels = workspace.batch.labels(of: workspace.batch.entries.count - 1, in: buffer.span)
        return labels.map(\.description) ?? "a series with malformed labels"
    }
}

extension [UInt8] {
    /// Appends a label as ``LabelBytes`` has it, copying its texts from other bytes.
    fileprivate mutating func appendLabel(name: Range<Int>, value: Range<Int>, of bytes: [UInt8]) {
        // An empty value means the same as no label.
        if value.isEmpty { return }
        append(0x0a)
        appendVarint(2 + Self.varintSize(name.count) + name.count + Self.varintSize(value.count) + value.count)
        append(0x0a)
        appendVarint(name.count)
        append(contentsOf: bytes[name])
        append(0x12)
        appendVarint(value.count)
        append(contentsOf: bytes[value])
    }

    private static func varintSize(_ number: Int) -> Int {
        Swift.max(1, (70 - UInt64(number | 1).leadingZeroBitCount) / 7)
    }

    private mutating func appendVarint(_ number: Int) {
        var rest = UInt64(number)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

extension MetricType {
    /// The family that a series of this type belongs to: a histogram's `_bucket` is no family of its own.
    func family(ofSeries name: String) -> String {
        let suffixes: [String] =
            switch self {
            case .histogram, .gaugeHistogram: ["_bucket", "_count", "_sum", "_gcount", "_gsum"]
            case .summary: ["_count", "_sum"]
            case .counter, .gauge, .info, .stateSet, .unknown: []
            }
        for suffix in suffixes where name.hasSuffix(suffix) { return String(name.dropLast(suffix.count)) }
        return name
    }
}
