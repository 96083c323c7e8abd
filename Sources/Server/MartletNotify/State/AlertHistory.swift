public import MartletCore

/// One episode of an alert, from its start to its end.
public struct AlertEpisode: Sendable, Hashable {
    /// Its name, key and start.
    public var id: String

    /// The alert's name over all its episodes.
    public var key: String

    /// The alert's fingerprint in hexadecimal digits.
    public var fingerprint: String

    /// The rule's name.
    public var rule: String

    /// The highest severity that it had.
    public var severity: String

    /// Its labels.
    public var labels: LabelSet

    /// Its texts.
    public var annotations: [String: String]

    /// The latest value; `nil` where nobody says.
    public var value: Double?

    /// When it began, in milliseconds since the epoch.
    public var startedAt: Int64

    /// When it ended; `nil` while it fires.
    public var resolvedAt: Int64?

    /// Whether it went up a level.
    public var isEscalated: Bool

    /// Who dealt with it.
    public var acknowledgedBy: String?
}

/// What is wanted of the history.
public struct HistoryQuery: Sendable {
    /// The rule's name; `nil` for all.
    public var rule: String?

    /// The alert's id, key or fingerprint; `nil` for all.
    public var alert: String?

    /// Episodes that ended before this, in milliseconds since the epoch, are left out.
    public var since: Int64

    /// Episodes that began after this are left out.
    public var until: Int64

    /// How many at most, the latest first.
    public var limit: Int

    /// Creates a query for everything, as far as the limit goes.
    public init(
        rule: String? = nil,
        alert: String? = nil,
        since: Int64 = 0,
        until: Int64 = .max,
        limit: Int = 1000
    ) {
        self.rule = rule
        self.alert = alert
        self.since = since
        self.until = until
        self.limit = limit
    }
}

/// A notification that waits, or that was given up.
public struct Letter: Sendable, Hashable {
    /// The channel.
    public var channel: String

    /// The group.
    public var group: String

    /// What names the message at every attempt.
    public var idempotencyKey: String

    /// Whether its alerts fire or have ended.
    public var status: String

    /// How many alerts it tells of.
    public var alerts: Int

    /// When it was decided, or first given up, in milliseconds since the epoch.
    public var since: Int64

    /// When it was last given up; `nil` for one that waits.
    public var last: Int64?

    /// How often it was tried.
    public var attempts: Int

    /// How often messages of this group were given up.
    public var times: Int

    /// Why the last attempt failed, as a metric's label.
    public var reason: String

    /// The last failure's message.
    public var error: String
}

/// The end of one delivery.
public struct DeliveryRecord: Sendable, Hashable {
    /// When, in milliseconds since the epoch.
    public var time: Int64

    /// The channel.
    public var channel: String

    /// The group.
    public var group: String

    /// What was told: `firing`, `resolved` or `acknowledged`.
    public var status: String

    /// How many alerts it told of.
    public var alerts: Int

    /// How many attempts it took.
    public var attempts: Int

    /// `delivered`, or the reason of the failure.
    public var result: String

    /// The failure's message; empty for none.
    public var error: String

    /// Creates a record.
    public init(
        time: Int64,
        channel: String,
        group: String,
        status: String,
        alerts: Int,
        attempts: Int,
        result: String,
        error: String = ""
    ) {
        self.time = time
        self.channel = channel
        self.group = group
        self.status = status
        self.alerts = alerts
        self.attempts = attempts
        self.result = result
        self.error = error
    }
}
