public import MartletCore

/// What an ``AlertManager`` tells a handler.
public struct AlertNotice: Hashable, Sendable {
    /// Why it is told.
    public enum Kind: String, Sendable, CaseIterable {
        /// The alert began to fire.
        case firing
        /// It still fires, and the notification interval is over.
        case reminder
        /// It ended.
        case resolved
        /// A program sent it by hand.
        case manual
    }

    /// The alert's id: its key and when it began, unique within the process.
    public var alertID: String

    /// The alert's key: its rule and what tells its alerts apart, such as `high_validation_failures_validation`.
    public var key: String

    /// `Alert: ` and the rule's name.
    public var title: String

    /// What happened, for people.
    public var message: String

    /// Why it is told.
    public var kind: Kind

    /// The rule's name.
    public var rule: String

    /// How much it matters.
    public var severity: AlertSeverity

    /// The value that the condition held for.
    public var value: Double

    /// The alert's labels.
    public var labels: LabelSet

    /// Texts for people.
    public var annotations: [String: String]

    /// When it began to fire, in milliseconds since the epoch.
    public var firedAt: Int64

    /// When this is told, in milliseconds since the epoch.
    public var timestamp: Int64
}

/// Takes notices: the port through which an ``AlertManager`` reaches people.
public protocol AlertNotificationHandler: Sendable {
    /// Tells of an alert; it may be called again for the same alert where it throws.
    ///
    /// - Throws: Why it could not be told.
    func send(_ notice: AlertNotice) async throws
}

/// Tells a log.
public struct LogNotificationHandler: AlertNotificationHandler {
    private let write: @Sendable (AlertNotice) -> Void

    /// Creates a handler that gives a notice to a closure which writes it down.
    public init(_ write: @escaping @Sendable (AlertNotice) -> Void) {
        self.write = write
    }

    /// Writes the notice down.
    public func send(_ notice: AlertNotice) { write(notice) }
}
