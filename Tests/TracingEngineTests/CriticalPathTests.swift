import MartletCore
import Testing

@testable import MartletTraceStore

/// A span in one line: its name's place in the alphabet is its id.
private func span(
    _ name: String,
    _ start: Int64,
    _ end: Int64,
    under parent: String? = nil,
    kind: SpanKind = .internal,
    service: String = "shop"
) -> SpanBasics {
    func id(_ name: String) -> SpanID { SpanID(name.utf8.reduce(0) { $0 &* 256 &+ UInt64($1) }) }
    return SpanBasics(
        traceID: TraceID(high: 1, low: 2),
        spanID: id(name),
        parentID: parent.map(id) ?? .none,
        start: start,
        end: end,
        kind: kind,
        service: service,
        operation: name
    )
}

@Suite("Critical path")
struct CriticalPathTests {
    /// A trace with the sections of its path, worked out by hand.
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spans: [SpanBasics]
        let path: [String]

        init(_ description: String, _ spans: [SpanBasics], _ path: String...) {
            testDescription = description
            self.spans = spans
            self.path = path
        }
    }

    static let examples: [Example] = [
        Example("one span", [span("a", 0, 10)], "a 0-10"),
        Example(
            "one child in the middle",
            [span("a", 0, 10), span("b", 3, 7, under: "a")],
            "a 0-3",
            "b 3-7",
            "a 7-10"
        ),
        Example(
            "children one after the other, touching",
            [span("a", 0, 10), span("b", 0, 4, under: "a"), span("c", 4, 10, under: "a")],
            "b 0-4",
            "c 4-10"
        ),
        Example(
            "children side by side: the one that ends last counts",
            [span("a", 0, 10), span("b", 1, 6, under: "a"), span("c", 2, 9, under: "a")],
            "a 0-2",
            "c 2-9",
            "a 9-10"
        ),
        Example(
            "a child that ended before the last began counts too",
            [
                span("a", 0, 20), span("b", 1, 5, under: "a"), span("c", 3, 8, under: "a"),
                span("d", 10, 18, under: "a"),
            ],
            "a 0-3",
            "c 3-8",
            "a 8-10",
            "d 10-18",
            "a 18-20"
        ),
        Example(
            "of equal ends the first begun",
            [span("a", 0, 10), span("b", 5, 9, under: "a"), span("c", 2, 9, under: "a")],
            "a 0-2",
            "c 2-9",
            "a 9-10"
        ),
        Example(
            "grandchildren",
            [span("a", 0, 10), span("b", 1, 9, under: "a"), span("c", 2, 5, under: "b")],
            "a 0-1",
            "b 1-2",
            "c 2-5",
            "b 5-9",
            "a 9-10"
        ),
        Example(
            "a child that sticks out at the end is cut",
            [span("a", 0, 10), span("b", 4, 15, under: "a")],
            "a 0-4",
            "b 4-10"
        ),
        Example(
            "a child that sticks out at the start is cut",
            [span("a", 5, 10), span("b", 0, 8, under: "a")],
            "b 5-8",
            "a 8-10"
        ),
        Example(
            "a child wholly behind its parent is left out, and what is below it",
            [span("a", 0, 10), span("b", 10, 20, under: "a"), span("c", 2, 4, under: "b")],
            "a 0-10"
        ),
        Example(
            "a child wholly before its parent is left out: a clock is wrong",
            [span("a", 100, 110), span("b", 50, 60, under: "a", service: "other")],
            "a 100-110"
        ),
        Example(
            "what a producer hands to a consumer is not waited for",
            [
                span("a", 0, 10, kind: .producer), span("b", 2, 9, under: "a", kind: .consumer),
                span("c", 3, 8, under: "b"),
            ],
            "a 0-10"
        ),
        Example(
            "a consumer below another span is waited for",
            [span("a", 0, 10, kind: .server), span("b", 2, 9, under: "a", kind: .consumer)],
            "a 0-2",
            "b 2-9",
            "a 9-10"
        ),
        Example(
            "two roots, each its own way, by their starts",
            [span("a", 20, 30), span("b", 0, 10), span("c", 4, 6, under: "b")],
            "b 0-4",
            "c 4-6",
            "b 6-10",
            "a 20-30"
        ),
        Example(
            "an orphan is a root",
            [span("a", 0, 10), span("b", 2, 8, under: "missing"), span("c", 3, 4, under: "b")],
            "a 0-10",
            "b 2-3",
            "c 3-4",
            "b 4-8"
        ),
        Example(
            "a cycle of parents is broken at its earliest span",
            [span("a", 2, 8, under: "b"), span("b", 0, 10, under: "a")],
            "b 0-2",
            "a 2-8",
            "b 8-10"
        ),
        Example("a span that is its own parent is a root", [span("a", 0, 5, under: "a")], "a 0-5"),
        Example(
            "a span that ended before it began has no length",
            [span("a", 0, 10), span("b", 6, 3, under: "a"), span("c", 1, 4, under: "a")],
            "a 0-1",
            "c 1-4",
            "a 4-10"
        ),
        Example(
            "children of one id count under the first that has it",
            [span("a", 0, 10), span("b", 1, 5, under: "a"), span("b", 6, 9, under: "a"), span("c", 2, 4, under: "b")],
            "a 0-1",
            "b 1-2",
            "c 2-4",
            "b 4-5",
            "a 5-6",
            "b 6-9",
            "a 9-10"
        ),
        Example(
            "calls nested over services",
            [
                span("web", 0, 100, service: "web"), span("rpc", 10, 90, under: "web", kind: .client, service: "web"),
                span("srv", 15, 85, under: "rpc", kind: .server, service: "api"),
                span("sql", 20, 40, under: "srv", service: "api"), span("gob", 30, 70, under: "srv", service: "api"),
                span("end", 70, 80, under: "srv", service: "api"),
            ],
            "web 0-10",
            "rpc 10-15",
            "srv 15-30",
            "gob 30-70",
            "end 70-80",
            "srv 80-85",
            "rpc 85-90",
            "web 90-100"
        ),
    ]

    @Test(arguments: examples)
    func `of a trace worked out by hand`(example: Example) {
        let path = CriticalPath(example.spans).sections.map { section in
            "\(example.spans[section.span].operation) \(section.start)-\(section.end)"
        }
        #expect(path == example.path)
    }

    @Test func `there are twenty examples`() {
        #expect(Self.examples.count == 20)
    }

    @Test func `sections follow one another and add up to the root in any trace`() {
        var generator = SeededGenerator(seed: 77)
        for number in 0..<100_000 {
            let count = Int.random(in: 1...12, using: &generator)
            var spans: [SpanBasics] = []
            for id in 1...count {
                let start = Int64.random(in: 0...40, using: &generator)
                // Parents may be missing, later, or the span itself; most are earlier.
                let parent =
                    Int.random(in: 0...9, using: &generator) == 0
                    ? Int.random(in: 0...(count + 2), using: &generator) : Int.random(in: 0..<id, using: &generator)
                spans.append(
                    SpanBasics(
                        traceID: TraceID(high: 0, low: 1),
                        spanID: SpanID(UInt64(Int.random(in: 0...19, using: &generator) == 0 ? 1 : id)),
                        parentID: SpanID(UInt64(parent)),
                        start: start,
                        end: start + Int64.random(in: -2...30, using: &generator),
                        kind: SpanKind.allCases[Int.random(in: 0..<6, using: &generator)]
                    )
                )
            }
            let path = CriticalPath(spans)
            for way in path.ways {
                var time = spans[way.root].start
                for section in way.sections {
                    guard section.start == time, section.end > section.start else {
                        Issue.record("trace \(number) of seed 77: a gap or overlap at \(time): \(way.sections)")
                        return
                    }
                    time = section.end
                }
                guard time == spans[way.root].start + spans[way.root].duration else {
                    Issue.record("trace \(number) of seed 77: the way ends at \(time): \(spans)")
                    return
                }
            }
        }
    }

    @Test func `a chain of 100,000 spans and a fan of 100,000 need no deep recursion`() {
        func span(_ place: Int, under parent: Int, _ start: Int64, _ end: Int64) -> SpanBasics {
            SpanBasics(
                traceID: TraceID(high: 0, low: 1),
                spanID: SpanID(UInt64(place)),
                parentID: SpanID(UInt64(parent)),
                start: start,
                end: end
            )
        }
        var (chain, fan): ([SpanBasics], [SpanBasics]) = ([], [span(1, under: 0, 0, 2_000_000)])
        for place in 1...100_000 {
            chain.append(span(place, under: place - 1, Int64(place), 400_000 - Int64(place)))
            if place > 1 { fan.append(span(place, under: 1, Int64(place) * 10, Int64(place) * 10 + 10)) }
        }
        #expect(CriticalPath(chain).sections.count == 199_999)
        #expect(CriticalPath(fan).sections.count == 100_001)
    }

    @Test func `over many traces exclusive times add up by service and operation`() {
        var times = CriticalTimes()
        for extra in [0, 10, 20] as [Int64] {
            times.add([span("a", 0, 100 + extra), span("b", 10, 60 + extra, under: "a", service: "db;1")])
        }
        #expect(times.traces == 3)
        #expect(times.total == 330)
        let entries = times.entries
        #expect(entries.map(\.service) == ["db;1", "shop"])
        #expect(entries.map(\.total) == [180, 150])
        #expect(entries[0].median == 60 && entries[0].percentile95 == 70 && entries[0].percentile99 == 70)
        #expect(entries[1].traces == 3 && entries[1].median == 50)
        #expect(times.folded == "shop: a 150\nshop: a;db,1: b 180\n")
    }

    @Test func `calls between services are counted, with those that failed`() {
        var graph = ServiceGraph()
        var failed = span("b", 1, 2, under: "a", service: "db")
        failed.status = .error
        graph.add([span("a", 0, 10), failed, span("c", 3, 4, under: "a", service: "db"), span("d", 5, 6, under: "a")])
        #expect(graph.edges == [ServiceGraph.Edge(parent: "shop", child: "db", calls: 2, errors: 1)])
    }

    @Test func `a call that seems to lie outside of its caller is shown in its middle`() {
        let spans = [
            span("a", 100, 200), span("b", 500, 540, under: "a", service: "db"),
            span("c", 510, 520, under: "b", service: "db"), span("d", 110, 120, under: "a", service: "ok"),
        ]
        #expect(ClockSkew.offsets(spans) == [0, -370, -370, 0])
    }
}
