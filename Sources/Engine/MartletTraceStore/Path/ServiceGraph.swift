import MartletCore

/// Which services call which, from the spans of traces.
public struct ServiceGraph: Sendable {
    /// Calls of one service by another.
    public struct Edge: Hashable, Sendable {
        /// The service that calls.
        public var parent: String
        /// The service that is called.
        public var child: String
        /// How many calls there were.
        public var calls: Int
        /// How many of them failed.
        public var errors: Int
    }

    private struct Key: Hashable {
        var parent: String
        var child: String
    }

    private var counts: [Key: (calls: Int, errors: Int)] = [:]

    /// Creates a graph without calls.
    public init() {}

    /// Adds a trace: a call is a span whose parent ran in another service.
    ///
    /// - Parameter spans: All spans of one trace.
    public mutating func add(_ spans: [SpanBasics]) {
        let tree = SpanTree(spans)
        for (place, span) in spans.enumerated() {
            guard let parent = tree.parents[place], spans[parent].service != span.service else { continue }
            let key = Key(parent: spans[parent].service, child: span.service)
            let old = counts[key] ?? (0, 0)
            counts[key] = (old.calls + 1, old.errors + (span.status == .error ? 1 : 0))
        }
    }

    /// The calls, by parent and child.
    public var edges: [Edge] {
        counts.map { Edge(parent: $0.key.parent, child: $0.key.child, calls: $0.value.calls, errors: $0.value.errors) }
            .sorted { ($0.parent, $0.child) < ($1.parent, $1.child) }
    }
}
