import MartletCore
import MartletExposition
import MartletMetrics
import Testing

@Suite("ExpositionChunks")
struct ExpositionStreamTests {
    private static let many = MetricFamily(
        "many",
        metadata: MetricMetadata(type: .gauge, help: "H."),
        series: (0..<5000).map { MetricSeries(labels: ["n": "\($0)"], value: .integer(UInt64($0))) }
    )

    @Test(arguments: ExpositionFormat.allCases, JSONShape.allCases)
    func `the pieces together are the whole`(format: ExpositionFormat, shape: JSONShape) {
        let renderer = ExpositionRenderer(format, shape: shape, clock: Clock())
        let families = EveryMetric.families + [Self.many, EveryMetric.native]
        let whole = renderer.render(families)
        for chunkBytes in [1, 100, 4096, 1 << 20] {
            var joined: [UInt8] = []
            for chunk in renderer.chunks(families, chunkBytes: chunkBytes) {
                #expect(!chunk.isEmpty)
                joined += chunk
            }
            #expect(joined == whole)
        }
        #expect(renderer.render(families) == whole)
    }

    @Test(arguments: [ExpositionFormat.text, .openMetrics, .json])
    func `a piece is hardly longer than asked for, within one family too`(format: ExpositionFormat) {
        let renderer = ExpositionRenderer(format)
        let sizes = renderer.chunks([Self.many], chunkBytes: 1000).map(\.count)
        #expect(sizes.count > 50)
        #expect(sizes.allSatisfy { $0 < 1200 })
    }

    @Test func `a reader that goes away ends the writing`() {
        struct Gone: Error {}
        var count = 0
        #expect(throws: Gone.self) {
            try ExpositionRenderer(.text).render([Self.many], chunkBytes: 1000) { (_: [UInt8]) throws(Gone) in
                count += 1
                if count == 3 { throw Gone() }
            }
        }
        #expect(count == 3)
    }

    @Test func `nothing is asked for, nothing is written`() {
        #expect(Array(ExpositionRenderer(.text).chunks([])) == [])
        #expect(Array(ExpositionRenderer(.openMetrics).chunks([])) == [Array("# EOF\n".utf8)])
        #expect(Array(ExpositionRenderer(.protobuf).chunks([])) == [])
    }

    @Test func `what is rendered is appended`() {
        var bytes = Array("before\n".utf8)
        ExpositionRenderer(.openMetrics).render([], into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "before\n# EOF\n")
    }
}

private struct Clock: WallClock {
    var nanosecondsSinceEpoch: Int64 { 5_000_000 }
}
