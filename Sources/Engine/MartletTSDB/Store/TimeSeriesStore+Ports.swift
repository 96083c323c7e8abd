public import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore: ExemplarSink, ExemplarSource {
    /// Takes the exemplars of some series; the oldest of all give way to them when there is no more room.
    ///
    /// They are in memory only and do not survive the process.
    ///
    /// - Parameter series: The exemplars by series.
    /// - Returns: How many were new and kept.
    @discardableResult
    public func append(exemplars series: [SeriesExemplars]) -> Int {
        exemplarRing.withLock { ring in
            var kept = 0
            for entry in series {
                for exemplar in entry.exemplars where ring.append(exemplar, of: entry.labels) { kept += 1 }
            }
            return kept
        }
    }

    /// The exemplars in a range of the series that meet all conditions of at least one selector.
    public func exemplars(matching selectors: [[LabelMatcher]], in range: ClosedRange<Int64>) -> [SeriesExemplars] {
        let ring = exemplarRing.withLock { $0 }
        return ring.exemplars(in: range) { labels in
            selectors.contains { $0.allSatisfy { $0.matches(labels) } }
        }
    }
}

extension TimeSeriesStore: MetadataSink, MetadataSource {
    /// Remembers what metrics say of themselves; in memory only, for senders repeat it.
    public func note(metadata: [String: MetricMetadata]) {
        metadataTable.withLock { table in
            for (name, description) in metadata { table.note(description, of: name) }
        }
    }

    /// The descriptions by metric family, the newest of each first.
    public func metadata(of name: String?, limit: Int) -> [String: [MetricMetadata]] {
        metadataTable.withLock { $0.metadata(of: name, limit: limit) }
    }
}
