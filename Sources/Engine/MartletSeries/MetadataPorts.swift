public import MartletCore

/// Where descriptions of metrics are written.
public protocol MetadataSink: Sendable {
    /// Remembers what metrics say of themselves, by metric family; what was said last comes first in answers.
    func note(metadata: [String: MetricMetadata])
}

/// Where descriptions of metrics are read.
public protocol MetadataSource: Sendable {
    /// The descriptions by metric family.
    ///
    /// - Parameters:
    ///   - name: The family wanted; `nil` for all of them.
    ///   - limit: How many families at most.
    /// - Returns: For each family the different descriptions that were given, the newest first, at most four.
    func metadata(of name: String?, limit: Int) -> [String: [MetricMetadata]]
}
