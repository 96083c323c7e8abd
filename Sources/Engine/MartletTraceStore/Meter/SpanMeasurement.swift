public import MartletCore

/// How often an operation ran, how it ended, and how long it took.
public struct SpanMeasurement: Hashable, Sendable {
    /// A trace that stands for the others of its bucket.
    public struct Example: Hashable, Sendable {
        /// The trace.
        public var traceID: TraceID
        /// How long its span took, in seconds.
        public var seconds: Double
        /// When the span began, in milliseconds since the epoch.
        public var timestamp: Int64
    }

    /// The upper bounds of the buckets, in seconds; one more bucket has what is above.
    public static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// The service.
    public var service: String

    /// The name of the spans.
    public var operation: String

    /// What they stand for.
    public var kind: SpanKind

    /// How they ended.
    public var status: SpanStatus.Code

    /// How many there were.
    public var count: UInt64 = 0

    /// How long they took together, in seconds.
    public var seconds = 0.0

    /// How many fell into each bucket, not counting those below.
    public var buckets = [UInt64](repeating: 0, count: bounds.count + 1)

    /// The latest trace of each bucket.
    public var examples = [Example?](repeating: nil, count: bounds.count + 1)
}

extension SpanMeasurement {
    /// The place of a duration among ``bounds``, which stand here once more because a global array costs a check a span.
    @inline(__always)
    static func bucket(_ nanoseconds: Int64) -> Int {
        if nanoseconds <= 25_000_000 {
            if nanoseconds <= 2_500_000 { return nanoseconds <= 500_000 ? 0 : nanoseconds <= 1_000_000 ? 1 : 2 }
            return nanoseconds <= 5_000_000 ? 3 : nanoseconds <= 10_000_000 ? 4 : 5
        }
        if nanoseconds <= 500_000_000 {
            if nanoseconds <= 100_000_000 { return nanoseconds <= 50_000_000 ? 6 : 7 }
            return nanoseconds <= 250_000_000 ? 8 : 9
        }
        if nanoseconds <= 2_500_000_000 { return nanoseconds <= 1_000_000_000 ? 10 : 11 }
        return nanoseconds <= 5_000_000_000 ? 12 : nanoseconds <= 10_000_000_000 ? 13 : 14
    }
}

/// Calls of one service by another, as the spans of both sides tell.
public struct CallMeasurement: Hashable, Sendable {
    /// The service that calls.
    public var client: String
    /// The service that is called.
    public var server: String
    /// How many calls there were.
    public var calls: UInt64 = 0
    /// How many of them failed on either side.
    public var errors: UInt64 = 0
    /// How long they took in the service that is called, in seconds.
    public var seconds = 0.0
}
