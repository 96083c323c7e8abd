public import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore: ExemplarSink, ExemplarSource {
    /// Takes the exemplars of some series; the oldest of all give way to them when there is no more room.
    ///
    /// They are logged like samples, and every new log file that begins at a sealing repeats those that are kept. While
    /// the disk fails they are in memory only.
    ///
    /// - Parameter series: The exemplars by series.
    /// - Returns: How many were new and kept.
    @discardableResult
    public func append(exemplars series: [SeriesExemplars]) -> Int {
        let new = exemplarRing.withLock { ring in
            series.flatMap { entry in
                entry.exemplars.filter { ring.append($0, of: entry.labels) }.map { ($0, entry.labels) }
            }
        }
        guard !new.isEmpty, !isFailing.load(ordering: .relaxed), (try? requireOpen()) != nil else { return new.count }
        let ticket = head.withLock { head in
            for (exemplar, labels) in new { head.log.append(exemplar, of: labels) }
            head.log.finishBatch()
            return head.log.ticket
        }
        // A failure is noted, and exemplars are no reason to refuse the samples that they came with.
        try? commit(ticket)
        return new.count
    }

    /// Logs all exemplars that are kept, for a log file that replaces those before it.
    func logExemplars(_ head: inout Head) {
        exemplarRing.withLock { ring in ring.forEach { head.log.append($0, of: $1) } }
        head.log.finishBatch()
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
