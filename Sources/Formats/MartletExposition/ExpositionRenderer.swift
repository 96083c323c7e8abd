public import MartletCore
public import MartletMetrics

/// Writes metric families in one of the exposition formats.
///
/// ```swift
/// let answer = ExpositionFormat.negotiated(accept: request.headers["accept"])
/// let body = ExpositionRenderer(answer).render(registry.gather())
/// ```
public struct ExpositionRenderer: Sendable {
    /// What is written.
    public var format: ExpositionFormat

    /// How names beyond the classic characters are written; JSON writes all names as they are.
    public var escaping: NameEscaping

    /// How JSON is laid out.
    public var shape: JSONShape

    /// Whether OpenMetrics tells when counting began, in a `_created` sample a series; protobuf always does.
    public var showsCreation: Bool

    private let clock: any WallClock

    /// Creates a renderer.
    ///
    /// - Parameters:
    ///   - format: What is written.
    ///   - escaping: How names beyond the classic characters are written; JSON writes all names as they are.
    ///   - shape: How JSON is laid out.
    ///   - showsCreation: Whether OpenMetrics has `_created` samples, which cost a series each where they are stored.
    ///   - clock: The time of day for the JSON format, which gives every value its time.
    public init(
        _ format: ExpositionFormat = .text,
        escaping: NameEscaping = .underscores,
        shape: JSONShape = .list,
        showsCreation: Bool = false,
        clock: any WallClock = SystemWallClock()
    ) {
        self.format = format
        self.escaping = escaping
        self.shape = shape
        self.showsCreation = showsCreation
        self.clock = clock
    }

    /// Creates a renderer for what was agreed on with a client.
    public init(_ negotiated: NegotiatedExposition) {
        self.init(negotiated.format, escaping: negotiated.escaping)
    }

    /// The families as bytes of the format.
    public func render(_ families: [MetricFamily]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(families.reduce(64) { $0 + 160 + 80 * $1.series.count })
        render(families, into: &bytes)
        return bytes
    }

    /// Appends the families to bytes.
    ///
    /// - Parameters:
    ///   - families: What is written, in this order.
    ///   - bytes: Where it is appended.
    /// - Complexity: O(*n*) in the bytes written.
    public func render(_ families: [MetricFamily], into bytes: inout [UInt8]) {
        var target: [UInt8] = []
        swap(&target, &bytes)
        let (writer, families) = start(families, appendingTo: target)
        var chunks = ExpositionChunks(families, writer, chunkBytes: .max)
        bytes = chunks.next() ?? []
    }

    /// The families piece by piece, so that never much more than a piece is in memory.
    ///
    /// A piece may end in the middle of a family. Of the protobuf format, whose families begin with their length, and of
    /// JSON by collectors a whole family is put together before it is handed over.
    ///
    /// - Parameters:
    ///   - families: What is written, in this order.
    ///   - chunkBytes: About how long a piece is.
    /// - Returns: The pieces; each is written when it is asked for.
    public func chunks(_ families: [MetricFamily], chunkBytes: Int = 65_536) -> ExpositionChunks {
        let (writer, families) = start(families, appendingTo: [])
        return ExpositionChunks(families, writer, chunkBytes: max(1, chunkBytes))
    }

    /// Writes the families piece by piece, so that never much more than a piece is in memory.
    ///
    /// - Parameters:
    ///   - families: What is written, in this order.
    ///   - chunkBytes: About how long a piece is.
    ///   - write: Takes the pieces; what it throws ends the writing.
    /// - Throws: What `write` throws.
    public func render<Failure>(
        _ families: [MetricFamily],
        chunkBytes: Int = 65_536,
        to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var chunks = chunks(families, chunkBytes: chunkBytes)
        while let chunk = chunks.next() { try write(chunk) }
    }

    private func start(
        _ families: [MetricFamily],
        appendingTo bytes: [UInt8]
    ) -> (writer: any FamilyWriting, families: [MetricFamily]) {
        switch (format, shape) {
        case (.text, _): return (TextWriter(bytes, escaping: escaping), families)
        case (.openMetrics, _):
            return (OpenMetricsWriter(bytes, escaping: escaping, showsCreation: showsCreation), families)
        case (.protobuf, _): return (ProtobufMetricWriter(bytes, escaping: escaping), families)
        case (.json, .list): return (JSONListWriter(bytes, now: clock.millisecondsSinceEpoch), families)
        case (.json, .collectors):
            let groups = Dictionary(grouping: families, by: \.collector).sorted { $0.key < $1.key }
            return (JSONCollectorsWriter(bytes, now: clock.millisecondsSinceEpoch), groups.flatMap(\.value))
        }
    }
}
