import MartletBlocks
import MartletCore
import MartletExposition
public import MartletSeries

/// Reads blocks of Prometheus and OpenMetrics files, and hands what they hold to a store.
///
/// Blocks are read in order of time, so that the samples of a series come in order.
///
/// - SeeAlso: [Prometheus, storage layout](https://github.com/prometheus/prometheus/blob/v3.5.0/tsdb/docs/format/README.md)
public struct Importer {
    /// Takes a batch whose labels are in a buffer.
    public typealias Write = (_ batch: SampleBatch, _ labels: [UInt8]) async throws -> AppendResult

    /// How many samples a batch has before it is handed over.
    private static let batchSamples = 10_000

    /// The largest OpenMetrics file that is read.
    private static let textBytesMax = 2 << 30

    /// What was done so far.
    public private(set) var report = ImportReport()

    private let write: Write
    private let progress: (ImportReport) -> Void
    private var batch = SampleBatch()
    private var labels: [UInt8] = []

    /// Creates an importer.
    ///
    /// - Parameters:
    ///   - write: Takes each batch.
    ///   - progress: Is told how far it is, after each batch and each source.
    public init(write: @escaping Write, progress: @escaping (ImportReport) -> Void = { _ in }) {
        self.write = write
        self.progress = progress
    }

    /// Imports a file, a block, or all blocks of a directory.
    ///
    /// - Throws: ``ImportError``, or what the writing throws.
    public mutating func add(_ path: String) async throws {
        if ImportFile.isFile(path) { return try await add(text: path) }
        if ImportFile.isFile(path + "/index") { return try await add(block: path) }
        guard ImportFile.isDirectory(path) else { throw ImportError.file(path, reason: "it does not exist") }
        let blocks = try ImportFile.names(in: path).map { "\(path)/\($0)" }.filter { ImportFile.isFile($0 + "/index") }
        guard !blocks.isEmpty else { throw ImportError.unknownKind(path) }
        // Names of blocks begin with the time at which they were made; compacted ones need a look inside.
        var timed: [(start: Int64, path: String)] = []
        for block in blocks { timed.append((try Self.start(of: block), block)) }
        for (_, block) in timed.sorted(by: { ($0.start, $0.path) < ($1.start, $1.path) }) {
            try await add(block: block)
        }
    }

    // MARK: Blocks

    /// The oldest time in a block.
    private static func start(of path: String) throws -> Int64 {
        var start = Int64.max
        var index = try opening(path) { try BlockIndex(try ImportFile(path + "/index")) }
        while let series = try opening(path, { try index.nextSeries() }) {
            start = min(start, series.chunks.first?.minTime ?? .max)
        }
        return start
    }

    private mutating func add(block path: String) async throws {
        report.current = path
        report.share = 0
        let names = try ImportFile.names(in: path + "/chunks")
        var index = try Self.opening(path) { try BlockIndex(try ImportFile(path + "/index")) }
        let tombstones = try Self.opening(path) {
            guard ImportFile.isFile(path + "/tombstones") else { return Tombstones() }
            let file = try ImportFile(path + "/tombstones")
            return try Tombstones(try file.read(0..<file.count))
        }
        let files = try names.map { name in
            try Self.opening("\(path)/chunks/\(name)") {
                let file = try ImportFile("\(path)/chunks/\(name)")
                try BlockChunk.check(file)
                return file
            }
        }
        while let series = try Self.opening(path, { try index.nextSeries() }) {
            report.series += 1
            begin(series.labels)
            let deleted = tombstones.ranges(of: series.reference)
            for chunk in series.chunks {
                try Self.opening(path) {
                    guard files.indices.contains(chunk.file) else {
                        throw ImportError.damaged(path, reason: "there is no file \(chunk.file + 1) of chunks")
                    }
                    try BlockChunk.read(files[chunk.file], at: chunk.offset) { time, sample in
                        report.samples += 1
                        if deleted.contains(where: { $0.contains(time) }) { return report.deleted += 1 }
                        switch sample {
                        case .number(let value): batch.add(timestamp: time, value: value)
                        case .histogram(let histogram):
                            batch.add(timestamp: time, histogram: NativeHistogram(histogram))
                        }
                    }
                }
                if batch.count >= Self.batchSamples {
                    report.share = Double(index.seriesBytesRead) / Double(max(1, index.seriesByteCount))
                    try await flush()
                    begin(series.labels)
                }
            }
        }
        report.sources += 1
        report.share = 1
        try await flush()
    }

    /// Names the file that an error of its format is about.
    private static func opening<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as BlockError {
            throw ImportError.damaged(path, reason: error.description)
        }
    }

    // MARK: Text

    private mutating func add(text path: String) async throws {
        report.current = path
        report.share = 0
        let file = try ImportFile(path)
        guard file.count <= Self.textBytesMax else {
            throw ImportError.file(path, reason: "it has \(file.count) bytes, over \(Self.textBytesMax); split it")
        }
        var parser = ExpositionParser(try file.read(0..<file.count), format: .openMetrics)
        var (last, lastLabels): ([UInt8], LabelSet?) = ([], nil)
        do {
            while let entry = try parser.next() {
                guard case .sample(let sample) = entry else { continue }
                guard let time = sample.timestamp else {
                    throw ImportError.damaged(path, reason: "line \(sample.line): the sample has no time")
                }
                report.samples += 1
                // Samples of one series stand together in most files.
                let name = parser.bytes[sample.series]
                if !name.elementsEqual(last) || lastLabels == nil {
                    let series = parser.labels(of: sample)
                    last = Array(name)
                    lastLabels = series
                    report.series += 1
                    begin(series)
                }
                batch.add(timestamp: time, value: sample.value)
                if batch.count >= Self.batchSamples {
                    report.share = Double(sample.series.upperBound) / Double(max(1, file.count))
                    try await flush()
                    if let lastLabels { begin(lastLabels) }
                }
            }
        } catch let error as ExpositionError {
            throw ImportError.damaged(path, reason: String(describing: error))
        }
        guard parser.isComplete else { throw ImportError.damaged(path, reason: "it does not end with # EOF") }
        report.sources += 1
        report.share = 1
        try await flush()
    }

    // MARK: Batches

    private mutating func begin(_ series: LabelSet) {
        let start = labels.count
        labels += LabelBytes.encode(series)
        batch.beginSeries(labels: start..<labels.count)
    }

    private mutating func flush() async throws {
        if batch.count > 0 {
            let result = try await write(batch, labels)
            report.taken += result.appended
            for rejection in result.rejections { report.refused[rejection.reason, default: 0] += 1 }
        }
        batch.removeAll()
        labels.removeAll(keepingCapacity: true)
        progress(report)
    }
}

extension NativeHistogram {
    convenience init(_ histogram: BlockHistogram) {
        self.init(
            resetHint: ResetHint(rawValue: histogram.resetHint) ?? .unknown,
            schema: histogram.schema,
            zeroThreshold: histogram.zeroThreshold,
            zeroCount: histogram.zeroCount,
            count: histogram.count,
            sum: histogram.sum,
            positiveSpans: histogram.positiveSpans.map { Span(offset: $0.offset, length: $0.length) },
            positiveBuckets: histogram.positiveBuckets,
            negativeSpans: histogram.negativeSpans.map { Span(offset: $0.offset, length: $0.length) },
            negativeBuckets: histogram.negativeBuckets,
            customBounds: histogram.customBounds
        )
    }
}
