// The walk of Jaeger's CriticalPath/index.ts, made iterative: from the end of the root back to its start, always into
// the child that ended last before the time reached. Children are sorted by their ends once, so that a trace of n spans
// takes O(n log n), and nothing recurses. A child that ends exactly where the next begins is on the path, which times
// of whole microseconds make common; each child is entered at most once, so that the walk ends.

import MartletCore

/// The part of a trace that decided how long it took.
///
/// Sections never overlap, follow one another without a gap, and add up to the duration of their root. Spans without a
/// parent here are each a root of their own, and so is the earliest span of a cycle.
public struct CriticalPath: Hashable, Sendable {
    /// A stretch of time in which a span, and none of its children on the path, was what everything waited for.
    public struct Section: Hashable, Sendable {
        /// The place of the span in what was given.
        public var span: Int
        /// When it begins, in nanoseconds since the epoch.
        public var start: Int64
        /// When it ends.
        public var end: Int64

        /// How long it is.
        public var duration: Int64 { end - start }

        /// Creates a section.
        public init(span: Int, start: Int64, end: Int64) {
            self.span = span
            self.start = start
            self.end = end
        }
    }

    /// The way through the spans below one root.
    public struct Way: Hashable, Sendable {
        /// The place of the root.
        public var root: Int
        /// The sections, in the order of time.
        public var sections: [Section]
    }

    /// The way of each root, by the starts of the roots.
    public private(set) var ways: [Way] = []

    /// By span the place of the parent it counts under, `nil` for roots.
    public private(set) var parents: [Int?]

    /// Finds the critical path.
    ///
    /// - Parameter spans: The spans of one trace, in any order. Of spans with equal ids, children count under the first.
    /// - Complexity: O(*n* log *n*).
    public init(_ spans: [SpanBasics]) {
        let tree = SpanTree(spans)
        parents = tree.parents
        for root in tree.roots { ways.append(Self.way(root, spans, tree)) }
    }

    /// All sections, root by root.
    public var sections: [Section] { ways.flatMap(\.sections) }

    /// A span's time after it was cut to its parent's.
    private struct Cut {
        var start: Int64
        var end: Int64
    }

    private static func way(_ root: Int, _ spans: [SpanBasics], _ tree: SpanTree) -> Way {
        var cuts: [Int: Cut] = [root: Cut(start: spans[root].start, end: spans[root].start &+ spans[root].duration)]
        var children: [Int: [Int]] = [:]
        var pending = [root]
        while let parent = pending.popLast() {
            guard let outer = cuts[parent] else { continue }
            var kept: [Int] = []
            for child in tree.children[parent] {
                let (start, end) = (spans[child].start, spans[child].start &+ spans[child].duration)
                // What a producer hands over, nobody waits for.
                let isHandedOver = spans[parent].kind == .producer && spans[child].kind == .consumer
                if isHandedOver || start >= outer.end || end <= outer.start { continue }
                cuts[child] = Cut(start: max(start, outer.start), end: min(end, outer.end))
                kept.append(child)
            }
            guard !kept.isEmpty else { continue }
            pending += kept
            // Taken from the back: the greatest end first, and of equal ends the first in the order of the children.
            children[parent] = kept.enumerated().sorted {
                let (first, second) = (cuts[$0.element]?.end ?? 0, cuts[$1.element]?.end ?? 0)
                return (first, -$0.offset) < (second, -$1.offset)
            }.map(\.element)
        }
        return Way(root: root, sections: walk(root, cuts, children, tree))
    }

    private static func walk(_ root: Int, _ cuts: [Int: Cut], _ children: [Int: [Int]], _ tree: SpanTree) -> [Section] {
        var children = children
        var sections: [Section] = []
        func add(_ span: Int, _ start: Int64, _ end: Int64) {
            guard start < end else { return }
            if let last = sections.last, last.span == span, last.start == end {
                sections[sections.count - 1].start = start
            } else {
                sections.append(Section(span: span, start: start, end: end))
            }
        }
        var span = root
        var time = cuts[root]?.end ?? 0
        while true {
            var next: Int?
            while next == nil, let child = children[span]?.popLast() {
                if let end = cuts[child]?.end, end <= time { next = child }
            }
            if let child = next, let end = cuts[child]?.end {
                add(span, end, time)
                (span, time) = (child, end)
                continue
            }
            guard let start = cuts[span]?.start else { break }
            add(span, start, time)
            guard span != root, let parent = tree.parents[span] else { break }
            (span, time) = (parent, start)
        }
        return sections.reversed()
    }
}

/// Who is whose child in a trace, whatever its ids say.
struct SpanTree {
    /// The spans that nothing here is above, by their starts.
    private(set) var roots: [Int] = []

    /// By span its children, by their starts.
    private(set) var children: [[Int]]

    /// By span its parent.
    private(set) var parents: [Int?]

    init(_ spans: [SpanBasics]) {
        children = Array(repeating: [], count: spans.count)
        parents = Array(repeating: nil, count: spans.count)
        var placeOf: [SpanID: Int] = [:]
        for (place, span) in spans.enumerated() where placeOf[span.spanID] == nil { placeOf[span.spanID] = place }
        let order = spans.indices.sorted { (spans[$0].start, $0) < (spans[$1].start, $1) }
        for place in order {
            guard spans[place].parentID.isValid, let parent = placeOf[spans[place].parentID], parent != place else {
                roots.append(place)
                continue
            }
            parents[place] = parent
            children[parent].append(place)
        }
        breakCycles(order)
        roots.sort { (spans[$0].start, $0) < (spans[$1].start, $1) }
    }

    /// Makes the earliest span of each cycle a root.
    private mutating func breakCycles(_ order: [Int]) {
        var isReached = [Bool](repeating: false, count: parents.count)
        func reach(_ root: Int) {
            var pending = [root]
            while let span = pending.popLast() {
                if isReached[span] { continue }
                isReached[span] = true
                pending += children[span].filter { !isReached[$0] }
            }
        }
        for root in roots { reach(root) }
        for place in order where !isReached[place] {
            // Walking up ends in the cycle; its earliest span is the first of the order that is in it.
            var (slow, steps) = (place, 0)
            while steps < parents.count, let parent = parents[slow] {
                slow = parent
                steps += 1
            }
            var members = [slow]
            while let parent = parents[members[members.count - 1]], parent != slow { members.append(parent) }
            let inCycle = Set(members)
            guard let earliest = order.first(where: { inCycle.contains($0) && !isReached[$0] }) else { continue }
            if let parent = parents[earliest] { children[parent].removeAll { $0 == earliest } }
            parents[earliest] = nil
            roots.append(earliest)
            reach(earliest)
        }
    }
}
