public import MartletMetrics

/// Reads a whole exposition back into metric families, whatever its format.
///
/// ```swift
/// let families = try ExpositionReader(.openMetrics).read(body)
/// ```
///
/// A scraper that only wants samples uses ``ExpositionParser``, which builds nothing.
public struct ExpositionReader: Sendable {
    /// What is read.
    public let format: ExpositionFormat

    /// How much a line, name or value may hold.
    public let limits: ParseLimits

    /// How many series are read at most.
    public let seriesMax: Int

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - format: What is read.
    ///   - limits: How much a line, name or value may hold.
    ///   - seriesMax: How many series are read at most.
    public init(_ format: ExpositionFormat, limits: ParseLimits = ParseLimits(), seriesMax: Int = 1_000_000) {
        self.format = format
        self.limits = limits
        self.seriesMax = seriesMax
    }

    /// The families of an exposition, in its order.
    ///
    /// Counters have their names with `_total` and infos theirs with `_info`, as families are named when they are
    /// declared. What a format does not carry comes back as what it was written as: an info of the text format is a
    /// gauge.
    ///
    /// - Parameter bytes: The exposition.
    /// - Returns: The families.
    /// - Throws: ``ExpositionReadError`` at the first thing that is malformed.
    /// - Complexity: O(*n*) in the bytes.
    public func read(_ bytes: [UInt8]) throws(ExpositionReadError) -> [MetricFamily] {
        switch format {
        case .text, .openMetrics: return try readText(bytes)
        case .protobuf:
            var reader = ProtobufMetricReader(bytes, limits: limits)
            var families: [MetricFamily] = []
            var count = 0
            while let family = try reader.next() {
                families.append(family)
                count += family.series.count
                guard count <= seriesMax else { throw .tooMany("series", limit: seriesMax) }
            }
            return families
        case .json: return try JSONMetricReader(seriesMax: seriesMax).read(bytes)
        }
    }

    private func readText(_ bytes: [UInt8]) throws(ExpositionReadError) -> [MetricFamily] {
        var parser = ExpositionParser(bytes, format: format, limits: limits)
        var assembly = FamilyAssembly(format: format)
        do throws(ExpositionError) {
            while let entry = try parser.next() {
                switch entry {
                case .metadata(let name, let line): assembly.add(name, line)
                case .sample(let sample): assembly.add(sample, parser)
                }
                if assembly.seriesCount > seriesMax { break }
            }
        } catch {
            throw .line(error)
        }
        guard assembly.seriesCount <= seriesMax else { throw .tooMany("series", limit: seriesMax) }
        return assembly.families
    }
}
