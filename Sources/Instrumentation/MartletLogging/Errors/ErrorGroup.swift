public import MartletCore

/// All errors of one fingerprint.
public struct ErrorGroup: Sendable {
    /// What the errors have in common.
    public let fingerprint: ErrorFingerprint
    /// The errors' type.
    public let type: String
    /// Where they come up.
    public let component: String
    /// What the latest of them says.
    public internal(set) var message: String
    /// How many there were.
    public internal(set) var count: UInt64
    /// When the first came, in milliseconds since the epoch.
    public let firstSeen: Int64
    /// When the latest came, in milliseconds since the epoch.
    public internal(set) var lastSeen: Int64
    /// The release in which the first came.
    public let firstRelease: String
    /// The release in which the latest came.
    public internal(set) var lastRelease: String
    /// A trace in which one came; a recorded one where there was any.
    public internal(set) var exampleTrace: SpanContext?
}
