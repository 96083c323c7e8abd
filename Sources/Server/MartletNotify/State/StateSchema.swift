import MartletSQLite

/// The tables of the alerting state.
enum StateSchema {
    static let steps = [
        Migration(
            "alerts, silences, what was told, outbox, history",
            [
                "CREATE TABLE alert (labels TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
                "CREATE TABLE silence (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
                """
                CREATE TABLE told (channel TEXT, receiver TEXT, kind TEXT, place INTEGER, group_key TEXT, body TEXT,
                PRIMARY KEY (channel, group_key)) WITHOUT ROWID
                """,
                "CREATE INDEX told_group ON told (group_key)",
                """
                CREATE TABLE outbox (id INTEGER PRIMARY KEY, idempotency_key TEXT UNIQUE, channel TEXT, group_key TEXT,
                body TEXT, created INTEGER, attempts INTEGER, error TEXT)
                """,
                """
                CREATE TABLE dead_letter (channel TEXT, group_key TEXT, idempotency_key TEXT, status TEXT, alerts INTEGER,
                reason TEXT, error TEXT, attempts INTEGER, first INTEGER, last INTEGER, times INTEGER, body TEXT,
                PRIMARY KEY (channel, group_key)) WITHOUT ROWID
                """,
                """
                CREATE TABLE history (id TEXT, name TEXT, fingerprint TEXT, rule TEXT, severity TEXT,
                labels TEXT, annotations TEXT, value REAL, started INTEGER, resolved INTEGER, escalated INTEGER,
                acknowledged_by TEXT, PRIMARY KEY (id, fingerprint)) WITHOUT ROWID
                """,
                "CREATE INDEX history_started ON history (started)",
                "CREATE INDEX history_rule ON history (rule, started)",
                """
                CREATE TABLE event (number INTEGER PRIMARY KEY, alert TEXT, time INTEGER, kind TEXT, detail TEXT)
                """,
                "CREATE INDEX event_alert ON event (alert, time)",
                "CREATE INDEX event_time ON event (time)",
                """
                CREATE TABLE delivery (number INTEGER PRIMARY KEY, time INTEGER, channel TEXT, group_key TEXT,
                status TEXT, alerts INTEGER, attempts INTEGER, result TEXT, error TEXT)
                """,
            ]
        )
    ]
}
