public import MartletAlerting
import MartletCore
public import MartletSQLite
public import MartletSeries

/// The alerting state that outlives a restart: alerts, silences, what was told, the outbox, the history.
///
/// Changes that come in while others are on their way to the disk are made durable together. Everything has a bound: old
/// history goes, at the latest after ``Limits/historyMilliseconds``.
public actor AlertStore {
    /// What is kept at most.
    public struct Limits: Sendable, Hashable {
        /// How long ended episodes and deliveries are kept, in milliseconds.
        public var historyMilliseconds: Int64 = 90 * 24 * 3600 * 1000

        /// How many episodes, how many deliveries, and ten times as many events.
        public var historyRows: Int64 = 100_000

        /// How many dead letters.
        public var deadLetters: Int64 = 10_000

        /// Creates the defaults: ninety days, a hundred thousand rows, ten thousand dead letters.
        public init() {}
    }

    /// One change.
    public enum Operation: Sendable {
        /// A change of the dispatch.
        case change(DispatchChange)
        /// A notification is decided.
        case decided(Notification)
        /// An attempt failed, and another will be made.
        case retried(UInt64, attempts: Int, error: String)
        /// A notification arrived.
        case delivered(Notification, DeliveryRecord)
        /// A notification was given up.
        case dead(Notification, DeliveryRecord)
    }

    /// What was there when the store was opened.
    public struct Restored: Sendable {
        /// The alerts.
        public var records: [AlertRecord] = []
        /// The silences.
        public var silences: [Silence] = []
        /// What channels were told.
        public var told: [(channel: NotificationChannel.ID, group: String, state: ToldState)] = []
        /// What was on its way, with how often it was tried.
        public var outbox: [(notification: Notification, attempts: Int)] = []
        /// The number for the next notification.
        public var nextID: UInt64 = 1
        /// How many rows could not be read.
        public var damaged = 0
    }

    private let database: Database
    private let limits: Limits
    private let executor = SerialQueueExecutor(label: "martlet.alert-store")
    private var pending: [Operation] = []
    private var waiting: [CheckedContinuation<Result<Void, SQLiteError>, Never>] = []
    private var isScheduled = false
    private var commits = 0

    /// Where the actor's work runs.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Opens a file, or creates it.
    ///
    /// - Throws: `SQLiteError`.
    public init(path: String, limits: Limits = Limits()) throws(SQLiteError) {
        let database = try Database(path: path)
        try database.migrate(StateSchema.steps)
        self.database = database
        self.limits = limits
    }

    /// Makes changes durable; all of one call together.
    ///
    /// - Throws: `SQLiteError`; the changes are then lost, unless the caller keeps them.
    public func commit(_ operations: [Operation]) async throws(SQLiteError) {
        guard !operations.isEmpty else { return }
        pending += operations
        let result = await withCheckedContinuation { continuation in
            waiting.append(continuation)
            schedule()
        }
        try result.get()
    }

    /// Ends; later commits fail.
    public func close() {
        flush()
        try? database.checkpoint()
        database.close()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        // Behind all commits that have come in already, which then go together.
        Task { self.flush() }
    }

    private func flush() {
        isScheduled = false
        guard !waiting.isEmpty else { return }
        let operations = pending
        let continuations = waiting
        pending = []
        waiting = []
        let result: Result<Void, SQLiteError>
        do throws(SQLiteError) {
            try database.transaction { () throws(SQLiteError) in
                for operation in operations { try apply(operation) }
            }
            commits += 1
            if commits % 1000 == 1 { try prune() }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for continuation in continuations { continuation.resume(returning: result) }
    }

    // MARK: - Restarts

    /// Everything that a dispatch needs to go on where it was.
    ///
    /// - Throws: `SQLiteError`.
    public func restore(patterns: any PatternCompiler) throws(SQLiteError) -> Restored {
        var restored = Restored()
        var damaged = 0
        func keep<Value>(_ value: Value?) -> Value? {
            if value == nil { damaged += 1 }
            return value
        }
        restored.records = try database.rows("SELECT body FROM alert") { keep(StateText.record($0.text(0))) }
        restored.silences = try database.rows("SELECT body FROM silence") {
            keep(StateText.silence($0.text(0), patterns))
        }
        restored.told = try database.rows("SELECT receiver, kind, place, group_key, body FROM told") { row in
            let id = NotificationChannel.ID(receiver: row.text(0), kind: row.text(1), index: Int(row.integer(2)))
            return keep(StateText.told(row.text(4))).map { (id, row.text(3), $0) }
        }
        restored.outbox = try database.rows("SELECT body, attempts FROM outbox ORDER BY id") { row in
            keep(StateText.notification(row.text(0))).map { ($0, Int(row.integer(1))) }
        }
        let next = try database.integer("SELECT max(id) FROM outbox") ?? 0
        restored.nextID = UInt64(max(next, 0)) + 1
        restored.damaged = damaged
        return restored
    }

    // MARK: - Changes

    private func apply(_ operation: Operation) throws(SQLiteError) {
        switch operation {
        case .change(let change): try apply(change)
        case .decided(let notification):
            try database.execute(
                "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?, ?, 0, '')",
                [
                    .integer(Int64(notification.id)), .text(notification.idempotencyKey),
                    .text(notification.channel.description), .text(notification.groupKey),
                    .text(StateText.text(notification)), .integer(notification.decidedAt),
                ]
            )
        case .retried(let id, let attempts, let error):
            try database.execute(
                "UPDATE outbox SET attempts = ?, error = ? WHERE id = ?",
                [.integer(Int64(attempts)), .text(error), .integer(Int64(id))]
            )
        case .delivered(let notification, let record):
            try database.execute("DELETE FROM outbox WHERE id = ?", [.integer(Int64(notification.id))])
            try database.execute(
                "DELETE FROM dead_letter WHERE channel = ? AND group_key = ?",
                [.text(record.channel), .text(record.group)]
            )
            try note(record)
        case .dead(let notification, let record):
            try database.execute("DELETE FROM outbox WHERE id = ?", [.integer(Int64(notification.id))])
            try bury(notification, record)
            try note(record)
        }
    }

    private func apply(_ change: DispatchChange) throws(SQLiteError) {
        switch change {
        case .alert(let record, let isNews):
            try database.execute(
                "INSERT OR REPLACE INTO alert VALUES (?, ?)",
                [.text(StateText.text(record.alert.labels)), .text(StateText.text(record))]
            )
            if isNews { try note(record) }
        case .alertGone(let record):
            try database.execute("DELETE FROM alert WHERE labels = ?", [.text(StateText.text(record.alert.labels))])
        case .told(let channel, let group, let state):
            try database.execute(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(channel.description), .text(channel.receiver), .text(channel.kind),
                    .integer(Int64(channel.index)), .text(group), .text(StateText.text(state)),
                ]
            )
        case .groupGone(let group, let channels):
            for channel in channels {
                try database.execute(
                    "DELETE FROM told WHERE channel = ? AND group_key = ?",
                    [.text(channel.description), .text(group)]
                )
            }
        case .silence(let silence):
            try database.execute(
                "INSERT OR REPLACE INTO silence VALUES (?, ?)",
                [.text(silence.id), .text(StateText.text(silence))]
            )
        case .silenceGone(let id): try database.execute("DELETE FROM silence WHERE id = ?", [.text(id)])
        case .event(let event):
            try database.execute(
                "INSERT INTO event (alert, time, kind, detail) VALUES (?, ?, ?, ?)",
                [.text(event.alert), .integer(event.at), .text(event.kind.rawValue), .text(event.detail)]
            )
        }
    }

    private func note(_ record: AlertRecord) throws(SQLiteError) {
        let alert = record.alert
        let key = record.key
        try database.execute(
            "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(AlertName.id(key: key, startsAt: alert.startsAt)), .text(key),
                .text(alert.fingerprint.description),
                .text(alert.labels["alertname"] ?? ""),
                .text(record.severity?.rawValue ?? alert.labels["severity"] ?? ""),
                .text(StateText.text(alert.labels)), .text(StateText.text(alert.annotations)),
                alert.value.map(SQLiteValue.real) ?? .null, .integer(alert.startsAt),
                .optional(record.isEndTold ? alert.endsAt : nil), .integer(record.isEscalated ? 1 : 0),
                .optional(record.acknowledgement?.by),
            ]
        )
    }

    private func note(_ record: DeliveryRecord) throws(SQLiteError) {
        try database.execute(
            """
            INSERT INTO delivery (time, channel, group_key, status, alerts, attempts, result, error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(record.time), .text(record.channel), .text(record.group), .text(record.status),
                .integer(Int64(record.alerts)), .integer(Int64(record.attempts)), .text(record.result),
                .text(record.error),
            ]
        )
    }

    /// Keeps the latest message of a group that could not be told, with how often that happened.
    private func bury(_ notification: Notification, _ record: DeliveryRecord) throws(SQLiteError) {
        try database.execute(
            """
            INSERT INTO dead_letter VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 1, ?10)
            ON CONFLICT (channel, group_key) DO UPDATE SET idempotency_key = ?3, status = ?4, alerts = ?5, reason = ?6,
            error = ?7, attempts = ?8, last = ?9, times = times + 1, body = ?10
            """,
            [
                .text(record.channel), .text(record.group), .text(notification.idempotencyKey), .text(record.status),
                .integer(Int64(record.alerts)), .text(record.result), .text(record.error),
                .integer(Int64(record.attempts)), .integer(record.time), .text(StateText.text(notification)),
            ]
        )
    }

    private func prune() throws(SQLiteError) {
        let newest = try database.integer("SELECT max(time) FROM delivery") ?? 0
        let oldest = newest - limits.historyMilliseconds
        try database.execute("DELETE FROM delivery WHERE time < ?", [.integer(oldest)])
        try database.execute("DELETE FROM event WHERE time < ?", [.integer(oldest)])
        try database.execute("DELETE FROM history WHERE resolved < ?", [.integer(oldest)])
        for (table, column, rows) in [
            ("delivery", "number", limits.historyRows), ("event", "number", 10 * limits.historyRows),
            ("history", "started", limits.historyRows), ("dead_letter", "last", limits.deadLetters),
        ] {
            try database.execute(
                "DELETE FROM \(table) WHERE \(column) < (SELECT \(column) FROM \(table) ORDER BY \(column) DESC LIMIT 1 OFFSET ?)",
                [.integer(rows)]
            )
        }
    }
}

extension AlertStore {
    // MARK: - Looking

    /// Episodes of alerts, the latest first.
    ///
    /// - Throws: `SQLiteError`.
    public func history(_ query: HistoryQuery) throws(SQLiteError) -> [AlertEpisode] {
        try database.rows(
            """
            SELECT id, name, fingerprint, rule, severity, labels, annotations, value, started, resolved, escalated,
            acknowledged_by FROM history WHERE (?1 IS NULL OR rule = ?1)
            AND (?2 IS NULL OR id = ?2 OR name = ?2 OR fingerprint = ?2)
            AND started <= ?3 AND (resolved IS NULL OR resolved >= ?4) ORDER BY started DESC, id LIMIT ?5
            """,
            [
                .optional(query.rule), .optional(query.alert), .integer(query.until), .integer(query.since),
                .integer(Int64(query.limit)),
            ]
        ) { row in
            AlertEpisode(
                id: row.text(0),
                key: row.text(1),
                fingerprint: row.text(2),
                rule: row.text(3),
                severity: row.text(4),
                labels: StateText.labelSet(row.text(5)),
                annotations: StateText.texts(row.text(6)),
                value: row.isNull(7) ? nil : row.real(7),
                startedAt: row.integer(8),
                resolvedAt: row.optionalInteger(9),
                isEscalated: row.integer(10) != 0,
                acknowledgedBy: row.optionalText(11)
            )
        }
    }

    /// What happened to an episode, in order.
    ///
    /// - Throws: `SQLiteError`.
    public func events(of alert: String, limit: Int = 1000) throws(SQLiteError) -> [AlertEvent] {
        try database.rows(
            "SELECT alert, time, kind, detail FROM event WHERE alert = ? ORDER BY time, number LIMIT ?",
            [.text(alert), .integer(Int64(limit))]
        ) { row in
            AlertEvent.Kind(rawValue: row.text(2)).map {
                AlertEvent(alert: row.text(0), at: row.integer(1), kind: $0, detail: row.text(3))
            }
        }
    }

    /// The messages that wait for their channels, the oldest first.
    ///
    /// - Throws: `SQLiteError`.
    public func outbox(limit: Int = 1000) throws(SQLiteError) -> [Letter] {
        try database.rows(
            "SELECT channel, group_key, idempotency_key, created, attempts, error, body FROM outbox ORDER BY id LIMIT ?",
            [.integer(Int64(limit))]
        ) { row in
            let notification = StateText.notification(row.text(6))
            return Letter(
                channel: row.text(0),
                group: row.text(1),
                idempotencyKey: row.text(2),
                status: notification?.status.rawValue ?? "",
                alerts: notification?.items.count ?? 0,
                since: row.integer(3),
                last: nil,
                attempts: Int(row.integer(4)),
                times: 0,
                reason: "",
                error: row.text(5)
            )
        }
    }

    /// The messages that were given up, one a channel and group, the latest first.
    ///
    /// - Throws: `SQLiteError`.
    public func deadLetters(limit: Int = 1000) throws(SQLiteError) -> [Letter] {
        try database.rows(
            """
            SELECT channel, group_key, idempotency_key, status, alerts, first, last, attempts, times, reason, error
            FROM dead_letter ORDER BY last DESC, channel, group_key LIMIT ?
            """,
            [.integer(Int64(limit))]
        ) { row in
            Letter(
                channel: row.text(0),
                group: row.text(1),
                idempotencyKey: row.text(2),
                status: row.text(3),
                alerts: Int(row.integer(4)),
                since: row.integer(5),
                last: row.integer(6),
                attempts: Int(row.integer(7)),
                times: Int(row.integer(8)),
                reason: row.text(9),
                error: row.text(10)
            )
        }
    }

    /// The ends of deliveries, the latest first.
    ///
    /// - Throws: `SQLiteError`.
    public func deliveries(limit: Int = 1000) throws(SQLiteError) -> [DeliveryRecord] {
        try database.rows(
            """
            SELECT time, channel, group_key, status, alerts, attempts, result, error FROM delivery
            ORDER BY number DESC LIMIT ?
            """,
            [.integer(Int64(limit))]
        ) { row in
            DeliveryRecord(
                time: row.integer(0),
                channel: row.text(1),
                group: row.text(2),
                status: row.text(3),
                alerts: Int(row.integer(4)),
                attempts: Int(row.integer(5)),
                result: row.text(6),
                error: row.text(7)
            )
        }
    }

    /// How many dead letters there are.
    ///
    /// - Throws: `SQLiteError`.
    public func deadLetterCount() throws(SQLiteError) -> Int {
        Int(try database.integer("SELECT count(*) FROM dead_letter") ?? 0)
    }
}
