public import MartletCore

/// Which traces are asked for: those with a span that meets all conditions at once.
public struct TraceQuery: Hashable, Sendable {
    /// An attribute with the text of its value; found on the span, or on where it comes from.
    public struct AttributeCondition: Hashable, Sendable {
        /// The key.
        public var key: String

        /// The value as text.
        public var value: String

        /// Creates a condition.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The service it ran in, or any.
    public var service: String?

    /// The name of what was done, or any.
    public var operation: String?

    /// What the span stands for, or anything.
    public var kind: SpanKind?

    /// How it ended, or any way.
    public var status: SpanStatus.Code?

    /// Attributes it must have.
    public var attributes: [AttributeCondition] = []

    /// The shortest and the longest duration, in nanoseconds.
    public var durations: ClosedRange<Int64>?

    /// When it began, in nanoseconds since the epoch.
    public var times: ClosedRange<Int64>?

    /// Texts, each of which its name, its service, a text among its attributes, what one of its events says or the message
    /// of its status contains, without regard to case in ASCII.
    public var texts: [String] = []

    /// What a search's text asks, in addition.
    public var filter: SpanFilter?

    /// How many traces at most, the newest first; 20 unless said otherwise.
    public var limit = 20

    /// How long the search may take before it is ended with an error, 10 seconds unless said otherwise.
    public var timeLimit: Duration = .seconds(10)

    /// Creates a query that any span meets.
    public init() {}
}

/// A trace in one line.
public struct TraceSummary: Hashable, Sendable {
    /// A service's share in a trace.
    public struct ServiceCount: Hashable, Sendable {
        /// The service.
        public var name: String
        /// Its spans.
        public var spans: Int
        /// Its spans that failed.
        public var errors: Int
    }

    /// The trace.
    public var traceID: TraceID

    /// The service of the first span without a parent, or of the first span.
    public var rootService: String

    /// The name of that span.
    public var rootOperation: String

    /// When the first span began, in nanoseconds since the epoch.
    public var start: Int64

    /// When the last span ended, in nanoseconds since the epoch.
    public var end: Int64

    /// How many spans there are.
    public var spans: Int

    /// How many of them failed.
    public var errors: Int

    /// The services, by name.
    public var services: [ServiceCount]

    /// Sums spans up.
    ///
    /// - Precondition: There is at least one span.
    public init(_ spans: [SpanBasics]) {
        precondition(!spans.isEmpty)
        let known = Set(spans.map(\.spanID))
        let root =
            spans.filter { !$0.parentID.isValid }.min { $0.start < $1.start }
            ?? spans.filter { !known.contains($0.parentID) }.min { $0.start < $1.start } ?? spans[0]
        traceID = root.traceID
        rootService = root.service
        rootOperation = root.operation
        start = spans.reduce(.max) { min($0, $1.start) }
        end = spans.reduce(.min) { max($0, $1.start &+ $1.duration) }
        self.spans = spans.count
        errors = spans.count { $0.status == .error }
        var counts: [String: ServiceCount] = [:]
        for span in spans {
            counts[span.service, default: ServiceCount(name: span.service, spans: 0, errors: 0)].spans += 1
            if span.status == .error { counts[span.service]?.errors += 1 }
        }
        services = counts.values.sorted { $0.name < $1.name }
    }
}
