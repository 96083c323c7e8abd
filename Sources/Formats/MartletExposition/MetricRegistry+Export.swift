public import MartletMetrics

extension MetricRegistry {
    /// All metrics as they are now, in a format.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - shape: How JSON is laid out.
    /// - Returns: The bytes, to be sent by whatever server the service has.
    public func export(_ format: ExpositionFormat, shape: JSONShape = .collectors) -> [UInt8] {
        ExpositionRenderer(format, shape: shape).render(gather())
    }

    /// All metrics as they are now, in a format that is named by a word.
    ///
    /// ```swift
    /// let page = try registry.exportMetrics("prometheus")
    /// ```
    ///
    /// - Parameter name: `prometheus`, `openmetrics` or `json`, which is the map by collector.
    /// - Returns: The text.
    /// - Throws: ``UnknownExpositionFormat`` for any other name, `protobuf` included, which is no text.
    public func exportMetrics(_ name: String) throws(UnknownExpositionFormat) -> String {
        let format = try ExpositionFormat(named: name)
        guard format != .protobuf else { throw UnknownExpositionFormat(name: name) }
        return String(decoding: export(format), as: UTF8.self)
    }

    /// Writes all metrics as they are now piece by piece.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - chunkBytes: About how long a piece is.
    ///   - write: Takes the pieces; what it throws ends the writing.
    /// - Throws: What `write` throws.
    public func exportMetrics<Failure>(
        _ format: ExpositionFormat,
        chunkBytes: Int = 65_536,
        to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        try ExpositionRenderer(format).render(gather(), chunkBytes: chunkBytes, to: write)
    }
}
