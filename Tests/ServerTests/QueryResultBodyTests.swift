import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries
import Testing

@testable import MartletServer

@Suite("Answers to queries")
struct QueryResultBodyTests {
    private func text(_ value: QueryValue, _ notes: QueryResultBody.Notes = .init()) -> String {
        let body = QueryResultBody(value, notes)
        var bytes: [UInt8] = []
        while let part = body.next() { bytes += part }
        return String(decoding: bytes, as: UTF8.self)
    }

    private let histogram = NativeHistogram(
        schema: 0,
        zeroThreshold: 0.5,
        zeroCount: 1,
        count: 10,
        sum: 12.5,
        positiveSpans: [.init(offset: 1, length: 2)],
        positiveBuckets: [3, 4],
        negativeSpans: [.init(offset: 1, length: 1)],
        negativeBuckets: [2]
    )

    @Test func `a vector has labels, times in seconds and values as texts`() {
        let value = QueryValue.vector([
            VectorElement(labels: ["__name__": "up", "job": "a\"b"], timestamp: 1_435_781_451_781, value: 1.5)
        ])
        #expect(
            text(value)
                == #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a\"b"},"value":[1435781451.781,"1.5"]}]}}"#
        )
    }

    @Test func `a native histogram shows its buckets with which bounds belong to them`() {
        var element = VectorElement(labels: [:], timestamp: 1000, value: 12.5)
        element.histogram = histogram
        #expect(
            text(.vector([element]))
                == #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"10","sum":"12.5","buckets":[[1,"-2","-1","2"],[3,"-0.5","0.5","1"],[0,"1","2","3"],[0,"2","4","4"]]}]}]}}"#
        )
    }

    @Test func `numbers and histograms of one series are apart`() {
        let series = Series(
            labels: [:],
            timestamps: [0, 500, 1000],
            values: [1, 12.5, 2],
            histograms: [nil, histogram, nil]
        )
        let answer = text(.matrix([series]))
        #expect(answer.contains(#""values":[[0,"1"],[1,"2"]],"histograms":[[0.500,{"count":"10""#))
        let only = Series(labels: [:], timestamps: [0], values: [12.5], histograms: [histogram])
        #expect(text(.matrix([only])).contains(#"{"metric":{},"histograms":[[0,{"#))
    }

    @Test func `scalars, texts, warnings and infos have their places`() {
        #expect(
            text(.scalar(Sample(timestamp: -500, value: .infinity))).contains(#""scalar","result":[-0.500,"+Inf"]}}"#)
        )
        #expect(text(.string("a", timestamp: 0)).contains(#""string","result":[0,"a"]}}"#))
        var notes = QueryResultBody.Notes()
        notes.warnings = ["w"]
        notes.infos = ["i"]
        notes.statistics = "{}"
        #expect(text(.vector([]), notes).hasSuffix(#""result":[],"stats":{}},"warnings":["w"],"infos":["i"]}"#))
    }

    @Test func `a long answer comes in parts that are bounded and make one text`() throws {
        let count = 20_000
        let series = (0..<3).map { number in
            Series(
                labels: ["n": String(number)],
                timestamps: (0..<count).map { Int64($0) * 1000 },
                values: (0..<count).map { Double($0) / 4 }
            )
        }
        let body = QueryResultBody(.matrix(series), .init())
        var parts: [[UInt8]] = []
        while let part = body.next() { parts.append(part) }
        #expect(parts.count > 10)
        #expect(parts.allSatisfy { $0.count < 2 * QueryResultBody.partBytesMin })
        let text = String(decoding: parts.joined(), as: UTF8.self)
        #expect(
            text.hasPrefix(
                #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"n":"0"},"values":[[0,"0"],[1,"0.25"]"#
            )
        )
        #expect(text.hasSuffix(#"[19999,"4999.75"]]}]}}"#))
        #expect(text.count { $0 == "[" } == 3 * count + 4)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (1e-5, "0.00001"), (1.25e-5, "0.0000125"),
        (-3e-6, "-0.000003"), (9e-7, "9e-07"), (1e21, "1e+21"), (123_456_789_012_345_680, "123456789012345680"),
        (1.0 / 3, "0.3333333333333333"), (.nan, "NaN"), (-.infinity, "-Inf"), (1e15, "1000000000000000"),
        (100.000001, "100.000001"), (0.000123456789, "0.000123456789"),
    ])
    func `values are written as Prometheus writes them`(value: Double, text: String) {
        var bytes: [UInt8] = []
        FloatText.append(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test func `every value reads back as itself and is no longer than Swift's own text`() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0 ... .max, using: &generator)
        print("seed \(seed)")
        var state = seed
        for round in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value: Double
            switch round % 3 {
            case 0: value = Double(bitPattern: state)
            case 1: value = Double(state >> 40) / 1000
            default: value = Double(Int64(bitPattern: state) >> 20)
            }
            guard value.isFinite else { continue }
            var bytes: [UInt8] = []
            FloatText.append(value, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(Double(text) == value, "\(value) became \(text)")
            let digits = text.filter(\.isNumber).drop { $0 == "0" }
            if abs(value) >= 1e-4, abs(value) < 1e15 {
                let own = value.description.split(separator: "e")[0].filter(\.isNumber).drop { $0 == "0" }
                #expect(digits.count <= own.count, "\(value) became \(text)")
            }
        }
    }
}
