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
    public let format: ExpositionFormat

    /// How names beyond the classic characters are written.
    public let escaping: NameEscaping

    private let clock: any WallClock

    /// Creates a renderer.
    ///
    /// - Parameters:
    ///   - format: What is written.
    ///   - escaping: How names beyond the classic characters are written; JSON writes all names as they are.
    ///   - clock: The time of day for the JSON format, which gives every value its time.
    public init(
        _ format: ExpositionFormat = .text,
        escaping: NameEscaping = .underscores,
        clock: any WallClock = SystemWallClock()
    ) {
        self.format = format
        self.escaping = escaping
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
        switch format {
        case .text:
            var writer = TextWriter(bytes, escaping: escaping)
            for family in families { writer.write(family) }
            bytes = writer.bytes
        case .openMetrics:
            var writer = OpenMetricsWriter(bytes, escaping: escaping)
            for family in families { writer.write(family) }
            writer.end()
            bytes = writer.bytes
        case .json:
            bytes += JSONExposition.bytes(families, now: clock.millisecondsSinceEpoch)
        }
    }

    /// Writes the families piece by piece, so that not all of it need be in memory.
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
        guard format != .json else { return try write(render(families)) }
        var names = OpenMetricsWriter([], escaping: escaping)
        var text = TextWriter([], escaping: escaping)
        for family in families {
            if format == .text { text.write(family) } else { names.write(family) }
            let count = format == .text ? text.bytes.count : names.bytes.count
            guard count >= chunkBytes else { continue }
            try write(format == .text ? text.bytes : names.bytes)
            text.bytes.removeAll(keepingCapacity: true)
            names.bytes.removeAll(keepingCapacity: true)
        }
        if format == .openMetrics { names.end() }
        let rest = format == .text ? text.bytes : names.bytes
        if !rest.isEmpty { try write(rest) }
    }
}
