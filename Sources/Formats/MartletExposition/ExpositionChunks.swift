import MartletMetrics

/// An exposition in pieces, each written when it is asked for.
///
/// ```swift
/// for chunk in renderer.chunks(registry.gather()) { try connection.send(chunk) }
/// ```
///
/// A reader that goes away half-way costs nothing more: what is not asked for is never written.
public struct ExpositionChunks: Sequence, IteratorProtocol, Sendable {
    private let families: [MetricFamily]
    private let chunkBytes: Int
    private var writer: any FamilyWriting
    private var cursor = FamilyCursor()

    init(_ families: [MetricFamily], _ writer: any FamilyWriting, chunkBytes: Int) {
        self.families = families
        self.writer = writer
        self.chunkBytes = chunkBytes
    }

    /// The next piece, never empty; `nil` at the end.
    public mutating func next() -> [UInt8]? {
        if cursor.hasEnded { return nil }
        let chunk = ExpositionChunks.fill(&writer, families, &cursor, chunkBytes)
        return chunk.isEmpty ? nil : chunk
    }

    /// Opens the existential once for a whole piece.
    private static func fill(
        _ writer: inout some FamilyWriting,
        _ families: [MetricFamily],
        _ cursor: inout FamilyCursor,
        _ chunkBytes: Int
    ) -> [UInt8] {
        writer.fill(families, from: &cursor, chunkBytes: chunkBytes)
        var chunk: [UInt8] = []
        swap(&chunk, &writer.bytes)
        return chunk
    }
}
