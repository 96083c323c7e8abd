import MartletCore

/// What metrics said of themselves, so many metrics and no more.
struct MetadataTable: Sendable {
    /// How many different descriptions of one metric are kept.
    static let descriptionsMax = 4

    /// How many bytes of help and unit are kept of one description.
    static let textBytesMax = 4096

    /// How many metrics there may be; further ones are counted only.
    let metricsMax: Int

    /// How many descriptions found no room.
    private(set) var dropped = 0

    private var descriptions: [String: [MetricMetadata]] = [:]

    init(metricsMax: Int) {
        self.metricsMax = metricsMax
    }

    /// How many metrics are described.
    var count: Int { descriptions.count }

    /// Remembers a description as the newest of its metric.
    mutating func note(_ metadata: MetricMetadata, of name: String) {
        var known = descriptions[name] ?? []
        if known.first == metadata { return }
        let size = metadata.help.utf8.count + metadata.unit.utf8.count
        guard !known.isEmpty || descriptions.count < metricsMax, size <= Self.textBytesMax else {
            dropped += 1
            return
        }
        known.removeAll { $0 == metadata }
        known.insert(metadata, at: 0)
        if known.count > Self.descriptionsMax { known.removeLast() }
        descriptions[name] = known
    }

    /// The descriptions of one metric or of the first by name.
    func metadata(of name: String?, limit: Int) -> [String: [MetricMetadata]] {
        guard limit > 0 else { return [:] }
        if let name { return descriptions[name].map { [name: $0] } ?? [:] }
        guard descriptions.count > limit else { return descriptions }
        let first = descriptions.sorted { $0.key < $1.key }.prefix(limit)
        return Dictionary(first.map { ($0.key, $0.value) }) { first, _ in first }
    }
}
