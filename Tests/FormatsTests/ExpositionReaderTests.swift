import MartletCore
import MartletExposition
import MartletMetrics
import Testing

@Suite("ExpositionReader")
struct ExpositionReaderTests {
    private func read(_ text: String, _ format: ExpositionFormat) throws -> [MetricFamily] {
        try ExpositionReader(format).read(Array(text.utf8))
    }

    @Test func `OpenMetrics comes back equal, creation times and exemplars included`() throws {
        let bytes = ExpositionRenderer(.openMetrics, showsCreation: true).render(EveryMetric.families)
        #expect(try ExpositionReader(.openMetrics).read(bytes) == EveryMetric.families)
    }

    @Test func `protobuf comes back equal but for what it has no type for`() throws {
        let families = EveryMetric.families + [EveryMetric.native]
        let bytes = ExpositionRenderer(.protobuf).render(families)
        let expected = families.map { family in
            var family = family
            if family.metadata.type == .info || family.metadata.type == .stateSet {
                family = MetricFamily(
                    family.name,
                    metadata: MetricMetadata(type: .gauge, help: family.metadata.help),
                    series: family.series
                )
            }
            // Protobuf has doubles only.
            for place in family.series.indices where family.series[place].value == .integer(9_007_199_254_740_993) {
                family.series[place].value = .integer(9_007_199_254_740_992)
            }
            return family
        }
        #expect(try ExpositionReader(.protobuf).read(bytes) == expected)
    }

    @Test func `a native histogram of fractions, and an empty one, come back`() throws {
        func family(_ native: NativeHistogramValue, count: UInt64) -> MetricFamily {
            EveryMetric.family(
                "x_seconds",
                .histogram,
                "",
                MetricSeries(
                    value: .histogram(
                        HistogramValue(
                            buckets: [.init(upperBound: .infinity, cumulativeCount: count)],
                            sum: 0,
                            count: count,
                            native: native
                        )
                    )
                )
            )
        }
        let fractions = NativeHistogramValue(
            schema: -4,
            zeroCount: 0.5,
            positiveSpans: [.init(offset: 7, length: 1)],
            positiveCounts: [1.5]
        )
        let families = [family(fractions, count: 2), family(NativeHistogramValue(schema: 8), count: 0)]
        let bytes = ExpositionRenderer(.protobuf).render(families)
        #expect(try ExpositionReader(.protobuf).read(bytes) == families)
    }

    @Test func `text comes back with the types it has`() throws {
        let bytes = ExpositionRenderer(.text).render(EveryMetric.families)
        let families = try ExpositionReader(.text).read(bytes)
        #expect(
            families.map(\.name)
                == EveryMetric.families.map(\.name).flatMap { name in
                    name == "age_seconds" ? ["age_seconds", "age_seconds_gsum", "age_seconds_gcount"] : [name]
                }
        )
        let counter = try #require(families.first)
        #expect(counter.metadata == MetricMetadata(type: .counter, help: "Job \"sizes\" with \\ and\nnewline."))
        #expect(counter.series.map(\.value) == [.integer(9_007_199_254_740_993), .number(0.25)])
        #expect(counter.series[0].labels == ["path": "C:\\dir\n\"quoted\"", "word": "größe 量"])
        #expect(families.first { $0.name == "mode" }?.metadata.type == .gauge)
        let plain = HistogramValue(
            buckets: EveryMetric.histogram.buckets.map {
                .init(upperBound: $0.upperBound, cumulativeCount: $0.cumulativeCount)
            },
            sum: 10.25,
            count: 4
        )
        #expect(families[2].series[0].value == .histogram(plain))
    }

    @Test(arguments: JSONShape.allCases)
    func `JSON comes back equal in both shapes`(shape: JSONShape) throws {
        var families = EveryMetric.families + [EveryMetric.native]
        families[3].collector = "ages"
        families.append(
            MetricFamily(
                "job_seconds",
                metadata: MetricMetadata(type: .histogram, unit: "seconds"),
                kind: .timer,
                series: [MetricSeries(value: .histogram(EveryMetric.histogram), timestamp: 5)]
            )
        )
        let now = Clock(millisecondsSinceEpoch: 1_700_000_000_000)
        let bytes = ExpositionRenderer(.json, shape: shape, clock: now).render(families)
        let back = try ExpositionReader(.json).read(bytes)
        // Each value got its time, JSON's numbers are whole where they can be, and the list forgets collectors.
        func normal(_ families: [MetricFamily]) -> [MetricFamily] {
            families.map { family in
                var family = family
                if shape == .list { family.collector = "" }
                for place in family.series.indices {
                    family.series[place].timestamp = family.series[place].timestamp ?? now.millisecondsSinceEpoch
                    if case .number(let number) = family.series[place].value, let whole = UInt64(exactly: number) {
                        family.series[place].value = .integer(whole)
                    }
                    if shape == .collectors {
                        family.series[place].created = nil
                        family.series[place].exemplar = nil
                    }
                }
                return family
            }.sorted { $0.name < $1.name }
        }
        #expect(normal(back) == normal(families))
    }

    @Test func `the shape by collectors has a latest value for each metric`() throws {
        var families = EveryMetric.families
        for place in families.indices { families[place].collector = place == 1 ? "" : "demo" }
        let clock = Clock(millisecondsSinceEpoch: 5)
        let bytes = ExpositionRenderer(.json, shape: .collectors, clock: clock).render(families)
        let json = try JSONParser.parse(bytes)
        #expect(try Set(#require(json.members).keys) == ["default", "demo"])
        #expect(json["default"]?["temperature_celsius"]?["latest_value"] == .number("1e-07"))
        #expect(json["demo"]?["wait_seconds"]?["latest_value"]?.double == 2.5625)
        #expect(json["demo"]?["anything"]?["latest_value"]?.double == 42)
        #expect(json["demo"]?["wait_seconds"]?["latest_timestamp"]?.integer() == 5)
        #expect(json["demo"]?["jobs_bytes_total"]?["type"] == .string("counter"))
        #expect(String(decoding: ExpositionRenderer(.json, shape: .collectors).render([]), as: UTF8.self) == "{}\n")
    }

    @Test func `a sample before its type belongs to no family of that type`() throws {
        let families = try read("x_total 5\n# TYPE y counter\ny_total 1\ny_created 2.5\n# EOF\n", .openMetrics)
        #expect(families.map(\.name) == ["x_total", "y_total"])
        #expect(families.map(\.metadata.type) == [.unknown, .counter])
        #expect(families[1].series[0].created == 2500)
    }

    @Test func `a malformed line is an error with its place`() {
        #expect(
            throws: ExpositionReadError.line(
                ExpositionError(line: 2, column: 3, message: "expected a value, got \"x\"")
            )
        ) { try read("a 1\nb x\n", .text) }
    }

    @Test func `more series than allowed are an error in every format`() throws {
        for format in ExpositionFormat.allCases {
            let bytes = ExpositionRenderer(format).render(EveryMetric.families)
            #expect(throws: ExpositionReadError.tooMany("series", limit: 3)) {
                try ExpositionReader(format, seriesMax: 3).read(bytes)
            }
        }
    }

    @Test(arguments: [
        ("[]", "expected an object"), ("{\"metrics\":[{}]}", "a metric has no name"),
        ("{\"metrics\":[{\"name\":\"a\"}]}", "the metric a has no value"),
        ("{\"metrics\":[{\"name\":\"a\",\"value\":{\"buckets\":[{}],\"count\":1}}]}", "the metric a has no value"),
    ])
    func `JSON that is not metrics is an error`(text: String, reason: String) {
        #expect(throws: ExpositionReadError.malformed(offset: 0, reason: reason)) { try read(text, .json) }
    }

    @Test func `errors say what is wrong and where`() {
        #expect(throws: ExpositionReadError.malformed(offset: 4, reason: "expected a value")) {
            try read("{\"\":}", .json)
        }
        #expect(
            ExpositionReadError.malformed(offset: 3, reason: "why").description
                == "cannot read the exposition at byte 3: why"
        )
        #expect(
            ExpositionReadError.tooMany("series", limit: 3).description
                == "cannot read the exposition: there are over 3 series; raise the limit or split it"
        )
        #expect(
            ExpositionReadError.line(ExpositionError(line: 2, column: 3, message: "why")).description
                == "cannot read the exposition: line 2:3: why"
        )
    }

    @Test func `every truncation and flipped bit of protobuf gives families or an error`() {
        let bytes = ExpositionRenderer(.protobuf).render([EveryMetric.families[0], EveryMetric.native])
        for count in bytes.indices { _ = try? ExpositionReader(.protobuf).read(Array(bytes[..<count])) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                do {
                    _ = try ExpositionReader(.protobuf).read(damaged)
                } catch .malformed(let offset, _) {
                    #expect((0...bytes.count).contains(offset))
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
    }

    @Test(arguments: [
        ([0x02, 0x12, 0x00] as [UInt8], "a metric family has no name"),
        ([0x03, 0x0a, 0x01, 0xff], "a text is not UTF-8"),
        ([0x09, 0x0a, 0x01, 0x61, 0x22, 0x04, 0x0a, 0x02, 0x12, 0x00], "a label has no name"),
        (
            [0x0b, 0x0a, 0x01, 0x61, 0x22, 0x06, 0x3a, 0x04, 0x62, 0x02, 0x10, 0x01],
            "the spans of a native histogram do not agree with its buckets"
        ),
    ])
    func `malformed protobuf is refused with its reason`(bytes: [UInt8], reason: String) {
        do {
            _ = try ExpositionReader(.protobuf).read(bytes)
            Issue.record("it was taken")
        } catch {
            #expect(error.description.hasSuffix(": " + reason), "\(error)")
        }
    }

    @Test func `limits hold for protobuf too`() {
        func bytes(_ labels: LabelSet, _ name: String = "a") -> [UInt8] {
            ExpositionRenderer(.protobuf).render([
                EveryMetric.family(name, .gauge, "", MetricSeries(labels: labels, value: .number(1)))
            ])
        }
        let limits = ParseLimits(labelsMax: 1, nameBytesMax: 4, valueBytesMax: 4)
        let reader = ExpositionReader(.protobuf, limits: limits)
        #expect(throws: Never.self) { try reader.read(bytes(["a": "1234"])) }
        for bad in [bytes(["a": "1", "b": "2"]), bytes(["a": "12345"]), bytes(["abcde": "1"]), bytes([:], "abcde")] {
            #expect(throws: ExpositionReadError.self) { try reader.read(bad) }
        }
    }
}

/// A clock that stands still.
private struct Clock: WallClock {
    var millisecondsSinceEpoch: Int64
    var nanosecondsSinceEpoch: Int64 { millisecondsSinceEpoch * 1_000_000 }
}
