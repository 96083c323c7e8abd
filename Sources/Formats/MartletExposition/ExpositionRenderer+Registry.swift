public import MartletMetrics

extension ExpositionRenderer {
    /// All metrics of a registry as they are now, as bytes of the format.
    ///
    /// The text format is written straight from the registry's columns: the names and labels of declared metrics were
    /// written down before, and only numbers are made anew.
    ///
    /// - Parameter registry: What is written.
    /// - Returns: The bytes.
    /// - Complexity: O(*n*) in the bytes written.
    public func render(_ registry: MetricRegistry) -> [UInt8] {
        // Names of declared metrics and labels need no escaping, except where the client wants underscores doubled.
        guard format == .text, escaping != .dots else { return render(registry.gather()) }
        return BlockWriter.text(registry.gatherBlocks())
    }
}
