public import MartletCore

/// All errors of one fingerprint.
public struct ErrorGroup: Sendable {
    /// What the errors have in common.
    public let fingerprint: ErrorFingerprint
    /// The errors' type.
    public let type: String
    /// The program they come up in; empty where that is the tracker's own.
    public let service: String
    /// Where in it.
    public let component: String
    /// What the latest of them says.
    public internal(set) var message: String
    /// How many there were.
    public internal(set) var count: UInt64
    /// When the first came, in milliseconds since the epoch.
    public internal(set) var firstSeen: Int64
    /// When the latest came, in milliseconds since the epoch.
    public internal(set) var lastSeen: Int64
    /// The release in which the first came.
    public internal(set) var firstRelease: String
    /// The release in which the latest came.
    public internal(set) var lastRelease: String
    /// A trace in which one came; a recorded one where there was any.
    public internal(set) var exampleTrace: SpanContext?

    /// Creates a group of many errors, from its latest and what is known of the others.
    ///
    /// - Parameters:
    ///   - latest: The latest of them.
    ///   - count: How many there are.
    ///   - firstSeen: When the first came, in milliseconds since the epoch.
    ///   - firstRelease: The release in which it came.
    public init(latest: ErrorTracker.Occurrence, count: UInt64, firstSeen: Int64, firstRelease: String) {
        fingerprint = latest.fingerprint
        type = latest.type
        service = latest.service
        component = latest.component
        message = latest.message
        self.count = count
        self.firstSeen = firstSeen
        lastSeen = latest.time
        self.firstRelease = firstRelease
        lastRelease = latest.release
        exampleTrace = latest.context
    }

    init(first: ErrorTracker.Occurrence) {
        self.init(latest: first, count: 1, firstSeen: first.time, firstRelease: first.release)
    }

    mutating func add(_ occurrence: ErrorTracker.Occurrence) {
        add(ErrorGroup(first: occurrence))
    }

    mutating func add(_ other: ErrorGroup) {
        count += other.count
        if other.firstSeen < firstSeen { (firstSeen, firstRelease) = (other.firstSeen, other.firstRelease) }
        if other.lastSeen >= lastSeen {
            (lastSeen, lastRelease, message) = (other.lastSeen, other.lastRelease, other.message)
        }
        if let context = other.exampleTrace, exampleTrace?.isSampled != true { exampleTrace = context }
    }
}
