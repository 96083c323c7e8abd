import MartletAudit
import MartletCore
import MartletMetrics

/// The audit ledger's numbers as metrics; none while nothing was audited.
struct AuditCollector: MetricCollector {
    let name = "audit"
    let audit: AuditService
    let publisher: AuditPublisher

    func collect() -> [MetricFamily] {
        guard let numbers = audit.ledgerIfOpen?.statistics else { return [] }
        let published = publisher.counts
        return [
            .counter("martlet_audit_events_total", "Audit events ever taken.", [(.empty, Double(numbers.events))]),
            .counter(
                "martlet_audit_commits_total",
                "Commits of the audit ledger.",
                [(.empty, Double(numbers.commits))]
            ),
            .counter(
                "martlet_audit_failures_total",
                "Audit events that were refused, by where.",
                [
                    (["part": "ledger"], Double(numbers.failures)), (["part": "server"], Double(audit.failures)),
                ]
            ),
            .counter(
                "martlet_audit_blocks_deleted_total",
                "Blocks of the audit ledger deleted by retention; their tombstones stay.",
                [(.empty, Double(numbers.blocksDeleted))]
            ),
            .counter(
                "martlet_audit_checkpoints_total",
                "Checkpoints written.",
                [(.empty, Double(numbers.checkpoints))]
            ),
            .counter(
                "martlet_audit_heads_published_total",
                "Heads given away, by how that ended.",
                [
                    (["result": "success"], Double(published.published)),
                    (["result": "failure"], Double(published.failed)),
                ]
            ),
            .gauge("martlet_audit_blocks", "Blocks of the audit ledger.", [(.empty, Double(numbers.blocks))]),
            .gauge("martlet_audit_holds", "Holds in force.", [(.empty, Double(numbers.holds))]),
            .gauge(
                "martlet_audit_bytes",
                unit: "bytes",
                "Bytes of the audit ledger.",
                [(.empty, Double(numbers.byteCount))]
            ),
        ]
    }
}
