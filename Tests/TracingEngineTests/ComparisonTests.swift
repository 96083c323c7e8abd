import MartletCore
import MartletTraceStore
import Testing

/// A span in one line, in milliseconds; its id is a number.
private func span(
    _ id: UInt64,
    _ operation: String,
    _ start: Int64,
    _ end: Int64,
    under parent: UInt64 = 0,
    service: String = "shop",
    failed: Bool = false
) -> SpanBasics {
    SpanBasics(
        traceID: TraceID(high: 1, low: 2),
        spanID: SpanID(id),
        parentID: SpanID(parent),
        start: start * 1_000_000,
        end: end * 1_000_000,
        status: failed ? .error : .unset,
        service: service,
        operation: operation
    )
}

/// A node as a line: depth, operation, spans of both, and critical milliseconds of both.
private func lines(_ comparison: TraceComparison) -> [String] {
    comparison.nodes.map { node in
        let (first, second) = (node.first, node.second)
        return "\(node.depth) \(node.service): \(node.operation) \(first.spans)/\(second.spans) "
            + "\(first.critical / 1_000_000)/\(second.critical / 1_000_000)"
    }
}

@Suite("Comparing traces")
struct ComparisonTests {
    @Test func `calls of two traces meet by their way from the root, in the order of time`() {
        let first = [
            span(1, "pay", 0, 100), span(2, "check", 10, 30, under: 1),
            span(3, "charge", 40, 90, under: 1, service: "bank"),
            span(4, "old", 50, 60, under: 3, service: "bank"),
        ]
        // The clock of another day: only times within the trace count.
        let second = [
            span(11, "pay", 1000, 1200), span(12, "charge", 1040, 1190, under: 11, service: "bank"),
            span(13, "check", 1010, 1020, under: 11), span(14, "check", 1020, 1030, under: 11),
            span(15, "retry", 1100, 1180, under: 12, service: "bank", failed: true),
        ]
        let comparison = TraceComparison(first, second)
        #expect(
            lines(comparison) == [
                "0 shop: pay 1/1 30/30", "1 shop: check 1/2 20/20", "1 bank: charge 1/1 40/70", "2 bank: old 1/0 10/0",
                "2 bank: retry 0/1 0/80",
            ]
        )
        #expect(comparison.nodes[4].change == 80_000_000)
        #expect(comparison.nodes[4].second.errors == 1)
        #expect(comparison.nodes[2].second.duration == 150_000_000)
        #expect(comparison.spansLeftOut == 0)
    }

    @Test func `a trace equals itself`() {
        let spans = [
            span(1, "a", 0, 9), span(2, "b", 1, 5, under: 1), span(3, "b", 2, 4, under: 2), span(4, "c", 0, 3),
        ]
        let comparison = TraceComparison(spans, spans.reversed())
        #expect(comparison.nodes.allSatisfy { $0.first == $0.second && $0.change == 0 })
        #expect(comparison.nodes.reduce(0) { $0 + $1.first.spans } == 4)
        #expect(TraceComparison([], []).nodes == [])
    }

    @Test func `critical time of all nodes adds up to that of both traces`() {
        var generator = SeededGenerator(seed: 41)
        for round in 0..<300 {
            let sides = (0..<2).map { _ in
                (1...UInt64.random(in: 1...30, using: &generator)).map { id in
                    let start = Int64.random(in: 0...500, using: &generator)
                    return span(
                        id,
                        ["a", "b", "c"][Int.random(in: 0..<3, using: &generator)],
                        start,
                        start + Int64.random(in: 0...400, using: &generator),
                        under: UInt64.random(in: 0...32, using: &generator)
                    )
                }
            }
            let comparison = TraceComparison(sides[0], sides[1])
            for (side, sum) in [
                (sides[0], comparison.nodes.reduce(0) { $0 + $1.first.critical }),
                (sides[1], comparison.nodes.reduce(0) { $0 + $1.second.critical }),
            ] {
                #expect(sum == CriticalPath(side).sections.reduce(0) { $0 + $1.duration }, "seed 41, round \(round)")
            }
            #expect(
                comparison.nodes.reduce(0) { $0 + $1.first.spans + $1.second.spans } == sides[0].count + sides[1].count
            )
        }
    }

    @Test func `more calls than are told apart are left out with what they called, and counted`() {
        let many = (1...UInt64(TraceComparison.nodesMax + 10)).map { span($0, "op\($0)", Int64($0), Int64($0) + 1) }
        let below = span(9_000_000, "below", 6000, 6001, under: UInt64(TraceComparison.nodesMax + 10))
        let comparison = TraceComparison(many + [below], [])
        #expect(comparison.nodes.count == TraceComparison.nodesMax)
        #expect(comparison.spansLeftOut == 11)
    }

    @Test func `what slow traces have more often is found with counts and lift, the surest first`() {
        var sets = TraceSets()
        for index in 0..<10 {
            var features: Set = [TraceFeature("service", "shop"), TraceFeature("user", "u\(index)")]
            if index < 9 { features.formUnion([TraceFeature("region", "ap"), TraceFeature("zone", "ap-1")]) }
            if index < 4 { features.insert(TraceFeature("retry", "true")) }
            if index < 9 { features.insert(TraceFeature("colour", "red")) }
            sets.add(features, isFirst: true)
        }
        for index in 0..<90 {
            var features: Set = [TraceFeature("service", "shop")]
            features.insert(TraceFeature("region", index < 9 ? "ap" : "eu"))
            // As many as have the region, but in one case others.
            features.insert(TraceFeature("zone", index < 9 ? "ap-1" : "eu-1"))
            if (1..<10).contains(index) { features.insert(TraceFeature("colour", "red")) }
            sets.add(features, isFirst: false)
        }
        let findings = sets.findings()
        #expect(
            findings.map(\.feature) == [
                TraceFeature("colour", "red"), TraceFeature("region", "ap"), TraceFeature("retry", "true"),
            ]
        )
        #expect(findings.map { [$0.first, $0.second] } == [[9, 9], [9, 9], [4, 0]])
        #expect(findings.map(\.alike) == [[], [TraceFeature("zone", "ap-1")], []])
        #expect(findings.map(\.alikeCount) == [0, 1, 0])
        #expect(findings.map(\.lift) == [9, 9, nil])
        // By hand: 2 Σ O ln(O / E) over 9, 1, 9 and 81, of which 1.8, 8.2, 16.2 and 73.8 were to be expected.
        #expect(abs(findings[0].score - 29.262) < 0.001)
        #expect((sets.first, sets.second, sets.featuresLeftOut) == (10, 90, 0))
        #expect(sets.findings(limit: 1).count == 1)
    }

    @Test func `an empty set finds nothing, and features beyond the most are counted`() {
        var sets = TraceSets()
        #expect(sets.findings() == [])
        sets.add(Set((0..<(TraceSets.featuresMax + 5)).map { TraceFeature("k", String($0)) }), isFirst: true)
        #expect(sets.findings() == [])
        #expect(sets.featuresLeftOut == 5)
    }

    @Test(
        arguments: [
            ([], nil), ([7], 7), ([1, 2], 2), (Array(1...10), 10), (Array(1...100), 91), ([5, 5, 5], 5),
        ] as [([Int64], Int64?)]
    )
    func `the slowest tenth is slow where nobody says otherwise`(durations: [Int64], border: Int64?) {
        #expect(TraceSets.border(of: durations.shuffled()) == border)
    }
}
