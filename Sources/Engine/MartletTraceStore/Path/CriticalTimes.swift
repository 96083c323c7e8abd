import MartletCore

/// Where many traces spent the time that decided how long they took.
public struct CriticalTimes: Sendable {
    /// What one operation of one service contributed.
    public struct Entry: Hashable, Sendable {
        /// The service.
        public var service: String
        /// The operation.
        public var operation: String
        /// In how many traces it was on the critical path.
        public var traces: Int
        /// How long it was on critical paths, in nanoseconds, over all traces.
        public var total: Int64
        /// Its share in the time of all critical paths, from 0 through 1.
        public var share: Double
        /// The times a trace, of which half the traces had less.
        public var median: Int64
        /// As above, for 95 of 100 traces.
        public var percentile95: Int64
        /// As above, for 99 of 100 traces.
        public var percentile99: Int64
    }

    private struct Key: Hashable {
        var service: String
        var operation: String
    }

    /// How many traces were added.
    public private(set) var traces = 0

    /// The time of all critical paths, in nanoseconds.
    public private(set) var total: Int64 = 0
    private var times: [Key: [Int64]] = [:]
    private var stacks: [String: Int64] = [:]

    /// How deep a folded stack may be; what is deeper counts for the span at that depth.
    private static let depthMax = 128

    /// Creates an account of no traces.
    public init() {}

    /// Adds a trace's spans.
    ///
    /// - Parameter spans: All spans of one trace.
    public mutating func add(_ spans: [SpanBasics]) {
        let path = CriticalPath(spans)
        traces += 1
        var own: [Key: Int64] = [:]
        for section in path.sections {
            let span = spans[section.span]
            own[Key(service: span.service, operation: span.operation), default: 0] += section.duration
            stacks[Self.stack(section.span, spans, path), default: 0] += section.duration
            total += section.duration
        }
        for (key, time) in own { times[key, default: []].append(time) }
    }

    /// What each operation contributed, the most first.
    public var entries: [Entry] {
        times.map { key, times in
            let sorted = times.sorted()
            let sum = times.reduce(0, +)
            return Entry(
                service: key.service,
                operation: key.operation,
                traces: times.count,
                total: sum,
                share: total > 0 ? Double(sum) / Double(total) : 0,
                median: Self.percentile(50, sorted),
                percentile95: Self.percentile(95, sorted),
                percentile99: Self.percentile(99, sorted)
            )
        }.sorted { ($1.total, $0.service, $0.operation) < ($0.total, $1.service, $1.operation) }
    }

    /// The smallest of the sorted times that so many of a hundred do not exceed.
    private static func percentile(_ share: Int, _ sorted: [Int64]) -> Int64 {
        sorted[max(0, (sorted.count * share + 99) / 100 - 1)]
    }

    /// The time by the way from root to span, a line each, as flame graph tools read it.
    ///
    /// - SeeAlso: [FlameGraph](https://github.com/brendangregg/FlameGraph#2-fold-stacks)
    public var folded: String {
        stacks.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    }

    private static func stack(_ span: Int, _ spans: [SpanBasics], _ path: CriticalPath) -> String {
        var frames: [String] = []
        var place: Int? = span
        while let current = place, frames.count < spans.count {
            frames.append(frame(spans[current]))
            place = path.parents[current]
        }
        return frames.suffix(depthMax).reversed().joined(separator: ";")
    }

    /// A frame's name without what separates frames from one another and from the number.
    private static func frame(_ span: SpanBasics) -> String {
        let text = span.service.isEmpty ? span.operation : "\(span.service): \(span.operation)"
        return String(text.map { $0 == ";" ? "," : $0.isNewline ? " " : $0 })
    }
}
