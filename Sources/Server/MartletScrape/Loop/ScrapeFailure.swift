/// Why a scrape failed; the target's `up` is 0 then and its series end.
public struct ScrapeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of a failure, by which failures are counted.
    public enum Reason: String, Sendable, CaseIterable {
        /// No connection, or a broken one.
        case connection
        /// The target took longer than its timeout.
        case timeout
        /// A status other than 200.
        case status
        /// The body is over `body_size_limit`.
        case bodyTooLarge = "body_too_large"
        /// The compression is damaged.
        case badEncoding = "bad_encoding"
        /// The answer is in no form that is read here.
        case contentType = "content_type"
        /// A line is malformed.
        case malformed
        /// Over `sample_limit`.
        case sampleLimit = "sample_limit"
        /// Over one of the label limits.
        case labelLimit = "label_limit"
        /// Relabelling left a series without a name.
        case missingName = "missing_name"
        /// The job has more targets than `target_limit`.
        case targetLimit = "target_limit"
        /// A password or token file cannot be read.
        case credentials
        /// A target inside this process could not tell its metrics.
        case source
        /// The store took nothing.
        case storage
    }

    /// What kind of failure it is.
    public var reason: Reason

    /// What happened, for people.
    public var description: String

    /// Creates a failure.
    public init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
