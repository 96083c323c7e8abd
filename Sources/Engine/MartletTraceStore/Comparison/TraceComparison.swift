import MartletCore

/// Two traces laid over one another: which calls one has and the other lacks, and where the time differs.
///
/// Calls are the same when the same operation of the same service was done on the same way from the root. Like calls
/// beside one another count together, so that a loop that ran five times and one that ran seven meet in one place.
public struct TraceComparison: Sendable {
    /// What a call came to in one of the traces.
    public struct Side: Hashable, Sendable {
        /// How many spans there were.
        public var spans = 0
        /// How many of them failed.
        public var errors = 0
        /// How long they took together, in nanoseconds.
        public var duration: Int64 = 0
        /// How much of it decided how long the trace took.
        public var critical: Int64 = 0
    }

    /// A call on its way from the root.
    public struct Node: Hashable, Sendable {
        /// How many calls are above it.
        public var depth: Int
        /// The service.
        public var service: String
        /// What was done.
        public var operation: String
        /// What it came to in the first trace.
        public var first = Side()
        /// What it came to in the second.
        public var second = Side()

        /// How much more critical time the second trace has here.
        public var change: Int64 { second.critical &- first.critical }
    }

    /// So many calls are told apart; the spans of more are counted in ``spansLeftOut``.
    public static let nodesMax = 5000

    /// The calls, each before those that it made, in the order of their earliest start since the root's.
    public private(set) var nodes: [Node] = []

    /// Spans that are in none of the nodes.
    public private(set) var spansLeftOut = 0

    private struct Key: Hashable {
        var parent: Int
        var service: String
        var operation: String
    }

    private struct Entry {
        var node: Node
        var start: Int64
        var children: [Int] = []
    }

    /// Compares two traces.
    ///
    /// - Parameters:
    ///   - first: All spans of the one trace, in any order.
    ///   - second: All spans of the other.
    /// - Complexity: O(*n* log *n*).
    public init(_ first: [SpanBasics], _ second: [SpanBasics]) {
        var entries: [Entry] = []
        var places: [Key: Int] = [:]
        var roots: [Int] = []
        add(first, to: \.first, &entries, &places, &roots)
        add(second, to: \.second, &entries, &places, &roots)
        func ordered(_ list: [Int]) -> [Int] {
            list.sorted { (entries[$0].start, $0) > (entries[$1].start, $1) }
        }
        var pending = ordered(roots)
        while let place = pending.popLast() {
            nodes.append(entries[place].node)
            pending += ordered(entries[place].children)
        }
    }

    private mutating func add(
        _ spans: [SpanBasics],
        to side: WritableKeyPath<Node, Side>,
        _ entries: inout [Entry],
        _ places: inout [Key: Int],
        _ roots: inout [Int]
    ) {
        let tree = SpanTree(spans)
        let begin = spans.reduce(Int64.max) { min($0, $1.start) }
        var placeOf = [Int?](repeating: nil, count: spans.count)
        var pending = Array(tree.roots.reversed())
        while let span = pending.popLast() {
            pending += tree.children[span].reversed()
            let basics = spans[span]
            let above = tree.parents[span].map { placeOf[$0] }
            // What hangs below a call that was left out is left out with it.
            if case .some(.none) = above {
                spansLeftOut += 1
                continue
            }
            let parent = above.flatMap(\.self)
            let key = Key(parent: parent ?? -1, service: basics.service, operation: basics.operation)
            let place: Int
            if let known = places[key] {
                place = known
            } else {
                guard entries.count < Self.nodesMax else {
                    spansLeftOut += 1
                    continue
                }
                place = entries.count
                places[key] = place
                let depth = parent.map { entries[$0].node.depth + 1 } ?? 0
                let node = Node(depth: depth, service: basics.service, operation: basics.operation)
                entries.append(Entry(node: node, start: basics.start &- begin))
                if let parent { entries[parent].children.append(place) } else { roots.append(place) }
            }
            placeOf[span] = place
            entries[place].start = min(entries[place].start, basics.start &- begin)
            entries[place].node[keyPath: side].spans += 1
            entries[place].node[keyPath: side].errors += basics.status == .error ? 1 : 0
            entries[place].node[keyPath: side].duration &+= basics.duration
        }
        for section in CriticalPath(spans).sections {
            guard let place = placeOf[section.span] else { continue }
            entries[place].node[keyPath: side].critical &+= section.duration
        }
    }
}
