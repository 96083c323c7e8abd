import MartletCore
import MartletExposition
import Testing

@Suite("ExpositionParser")
struct ExpositionParserTests {
    private struct Found: Equatable {
        var labels: LabelSet
        var value: Double
        var timestamp: Int64?
    }

    private func samples(_ text: String, _ format: ExpositionFormat = .text) throws -> [Found] {
        var parser = ExpositionParser(Array(text.utf8), format: format)
        var found: [Found] = []
        while let entry = try parser.next() {
            guard case .sample(let sample) = entry else { continue }
            #expect(parser.name(of: sample) == parser.labels(of: sample).metricName)
            found.append(Found(labels: parser.labels(of: sample), value: sample.value, timestamp: sample.timestamp))
        }
        return found
    }

    private func failure(_ text: String, _ format: ExpositionFormat = .text) -> String {
        var parser = ExpositionParser(Array(text.utf8), format: format)
        do {
            while try parser.next() != nil {}
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test func `reads names, labels, values and times`() throws {
        let text =
            "up 1\n  a{} 2 \na{x=\"1\"} -3.5 1500\na { x = \"2\" , y=\"\", } 4e3\t-7 \na:b{x=\"é\"}5\nno_newline 6"
        #expect(
            try samples(text) == [
                Found(labels: ["__name__": "up"], value: 1), Found(labels: ["__name__": "a"], value: 2),
                Found(labels: ["__name__": "a", "x": "1"], value: -3.5, timestamp: 1500),
                Found(labels: ["__name__": "a", "x": "2"], value: 4000, timestamp: -7),
                Found(labels: ["__name__": "a:b", "x": "é"], value: 5),
                Found(labels: ["__name__": "no_newline"], value: 6),
            ]
        )
    }

    @Test func `resolves escapes and accepts names in quotes`() throws {
        #expect(try samples(#"a{x="a\\b\"c\nd\q}",y="{,="} 1"#)[0].labels["x"] == "a\\b\"c\nd\\q}")
        let quoted: LabelSet = ["__name__": "a.b", "x": "1", "é f": "2"]
        #expect(try samples(#"{"a.b", x="1", "é f"="2"} 1"#)[0].labels == quoted)
        #expect(try samples("{\"a.b\",x=\"1\",\"é f\"=\"2\"} 1\n# EOF\n", .openMetrics)[0].labels == quoted)
        #expect(try samples(#"{x="1","a.b"} 1"#)[0].labels == ["__name__": "a.b", "x": "1"])
    }

    @Test(
        arguments: [
            ("1", 1), ("+1", 1), ("-0.5", -0.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-3", 0.001),
            ("inf", .infinity),
            ("+Inf", .infinity), ("-INF", -.infinity), ("Infinity", .infinity), ("0.1", 0.1), ("1e22", 1e22),
            ("1e23", 1e23),
            ("9007199254740993", 9_007_199_254_740_992),
            ("123456789012345678901234567890", 123_456_789_012_345_677_877_719_597_056),
            ("1.7976931348623157e308", 1.797_693_134_862_315_7e308),
            ("2.2250738585072011e-308", .leastNormalMagnitude.nextDown),
            ("0.30000000000000004", 0.30000000000000004), ("179.5e-1", 17.95),
        ] as [(String, Double)]
    )
    func `reads numbers exactly`(text: String, value: Double) throws {
        #expect(try samples("a \(text)\n")[0].value == value)
    }

    @Test func `reads NaN`() throws {
        #expect(try samples("a nan\n")[0].value.isNaN)
    }

    @Test(arguments: ["0x1", "1_0", "1e", "e1", "", "-", "1e400", "--1", "1.2.3", "infinit", "0b1", "1,5", "∞"])
    func `refuses what is no number`(text: String) {
        #expect(failure("a{} \(text)\n").hasPrefix("line 1:"))
    }

    @Test func `random numbers are read as the standard library reads them`() throws {
        var state: UInt64 = 20_260_202
        for _ in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state)
            guard value.isFinite else { continue }
            #expect(try samples("a \(value)\n")[0].value == value, "seed 20260202")
            let short = Double(Int64(bitPattern: state) >> 20) / 1000
            #expect(try samples("a \(short)\n")[0].value == short, "seed 20260202")
        }
    }

    @Test func `reads metadata of the text format`() throws {
        var parser = ExpositionParser(
            Array(
                "# HELP a Some \\\\ help\\nhere \n#\t TYPE   a   counter \n# a comment\n#TYPE a gauge\n# HELP b\n".utf8
            ),
            format: .text
        )
        #expect(try parser.next() == .metadata("a", .help("Some \\ help\nhere ")))
        #expect(try parser.next() == .metadata("a", .type(.counter)))
        #expect(try parser.next() == .metadata("b", .help("")))
        #expect(try parser.next() == nil)
        #expect(parser.isComplete)
    }

    @Test func `reads OpenMetrics with metadata, exemplars and the end`() throws {
        let text = """
            # TYPE a_seconds counter
            # UNIT a_seconds seconds
            # HELP a_seconds Some \\"help\\".
            a_seconds_total{x="1"} 2 1.5 # {trace_id="abc",n="1"} 0.5 1700000000.125
            a_seconds_total{x="2"} 2 # {} 7
            # EOF
            """
        var parser = ExpositionParser(Array(text.utf8), format: .openMetrics)
        #expect(try parser.next() == .metadata("a_seconds", .type(.counter)))
        #expect(try parser.next() == .metadata("a_seconds", .unit("seconds")))
        #expect(try parser.next() == .metadata("a_seconds", .help("Some \"help\".")))
        guard case .sample(let first) = try parser.next(), case .sample(let second) = try parser.next() else {
            Issue.record("expected samples")
            return
        }
        #expect(first.timestamp == 1500)
        let exemplar = try #require(first.exemplar)
        #expect(parser.labels(of: exemplar) == ["trace_id": "abc", "n": "1"])
        #expect(exemplar.value == 0.5)
        #expect(exemplar.timestamp == 1_700_000_000_125)
        #expect(second.exemplar?.value == 7)
        #expect(!parser.isComplete)
        #expect(try parser.next() == nil)
        #expect(parser.isComplete)
    }

    @Test(arguments: [
        ("a\n", "line 1:2: expected a value after the series"),
        ("up 1\na x\n", "line 2:3: expected a value, got \"x\""),
        ("a 1 1.5\n", "line 1:5: expected a timestamp in whole milliseconds, got \"1.5\""),
        ("a 1 2 3\n", "line 1:7: unexpected text after the timestamp"),
        ("a 1\r\n", "line 1:4: the line ends with a carriage return; only a newline may end it"),
        ("9a 1\n", "line 1:1: expected a metric name, got \"9a\""),
        ("a{x=1} 1\n", "line 1:5: expected a label value in double quotes"),
        ("a{x} 1\n", "line 1:4: expected = after the label name \"x\""),
        ("a{x=\"1\" y=\"2\"} 1\n", "line 1:9: expected a comma or a closing brace after the label"),
        ("a{,} 1\n", "line 1:3: expected a label name"), ("a{x=\"1} 1\n", "line 1:5: the quote is not closed"),
        ("a{x=\"1\\\n", "line 1:5: the quote is not closed"),
        ("a{x=\"1\",x=\"2\"} 1\n", "line 1:9: the label name \"x\" comes twice"),
        ("{x=\"1\"} 1\n", "line 1:1: the series has no metric name"),
        (
            "# TYPE a nonsense\n",
            "line 1:10: unknown metric type \"nonsense\"; use counter, gauge, histogram, summary or untyped"
        ),
        ("# TYPE # gauge\n", "line 1:8: expected a metric name, got \"#\""),
    ])
    func `says where a line is wrong and why`(text: String, message: String) {
        #expect(failure(text) == message)
    }

    @Test(arguments: [
        ("a 1\n", "line 2:1: expected # EOF; the exposition was cut off or is not OpenMetrics"),
        ("# EOF\na 1\n", "line 2:1: there is text after # EOF"),
        ("a 1\n\n# EOF\n", "line 2:1: the line is empty, which OpenMetrics does not allow"),
        (
            "# a comment\n# EOF\n",
            "line 1:1: expected # TYPE, # HELP, # UNIT or # EOF; OpenMetrics has no other comments"
        ),
        ("a  1\n# EOF\n", "line 1:3: expected a value, got \"\""),
        ("a 1 Inf\n# EOF\n", "line 1:5: expected a timestamp in seconds, got \"Inf\""),
        ("# UNIT a_b seconds\n# EOF\n", "line 1:12: the metric a_b must end with its unit, _seconds"),
    ])
    func `says what OpenMetrics does not allow`(text: String, message: String) {
        #expect(failure(text, .openMetrics) == message)
    }

    @Test func `goes on after a bad line`() throws {
        var parser = ExpositionParser(Array("a 1\nb x\nc 3\n".utf8), format: .text)
        guard case .sample(let first) = try parser.next() else { return }
        #expect(throws: ExpositionError.self) { try parser.next() }
        guard case .sample(let last) = try parser.next() else { return }
        #expect([first.line, last.line] == [1, 3])
        #expect(parser.name(of: last) == "c")
        #expect(try parser.next() == nil)
    }

    @Test func `gives the bytes of the series as they stand`() throws {
        var parser = ExpositionParser(Array("a{x=\"1\"} 2\nb 3\n".utf8), format: .text)
        guard case .sample(let first) = try parser.next(), case .sample(let second) = try parser.next() else { return }
        #expect(String(decoding: parser.bytes[first.series], as: UTF8.self) == "a{x=\"1\"}")
        #expect(String(decoding: parser.bytes[second.series], as: UTF8.self) == "b")
    }

    @Test func `holds to the limits line by line`() throws {
        let limits = ParseLimits(lineBytesMax: 60, labelsMax: 2, nameBytesMax: 8, valueBytesMax: 10)
        let lines = [
            "a{x=\"\(String(repeating: "v", count: 80))\"} 1", "a{x=\"1\",y=\"2\",z=\"3\"} 1", "too_long_a_name 1",
            "a{x=\"12345678901\"} 1", "a{x=\"1234567890\",y=\"2\"} 1",
        ]
        var parser = ExpositionParser(Array(lines.joined(separator: "\n").utf8), format: .text, limits: limits)
        var messages: [String] = []
        var count = 0
        while true {
            do {
                guard try parser.next() != nil else { break }
                count += 1
            } catch { messages.append(error.message) }
        }
        #expect(
            messages == [
                "the line has 89 bytes, 60 are allowed", "the series has more than 2 labels",
                "the name has 15 bytes, 8 are allowed", "the value of label \"x\" has 11 bytes, 10 are allowed",
            ]
        )
        #expect(count == 1)
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3]]
            as [[UInt8]]
    )
    func `refuses bytes that are no UTF-8`(bytes: [UInt8]) {
        var parser = ExpositionParser(Array("a{x=\"".utf8) + bytes + Array("\"} 1\n".utf8), format: .text)
        #expect(throws: ExpositionError(line: 1, column: 6, message: "the text is not UTF-8")) { try parser.next() }
    }

    @Test func `survives every cut and every flipped byte`() {
        let text = Array(
            "# TYPE a counter\na_total{x=\"1\\n\",\"é\"=\"2\"} 1.5e3 12 # {t=\"1\"} 2 3\n{\"b.c\"} NaN\n# EOF\n".utf8
        )
        var reached = 0
        for format in [ExpositionFormat.text, .openMetrics] {
            for place in text.indices {
                for variant in 0..<9 {
                    var bytes = variant == 8 ? Array(text[..<place]) : text
                    if variant < 8 { bytes[place] ^= 1 << UInt8(variant) }
                    var parser = ExpositionParser(bytes, format: format)
                    for _ in 0..<20 {
                        guard let entry = try? parser.next() else { continue }
                        if case .sample(let sample) = entry {
                            reached += parser.labels(of: sample).count
                        }
                    }
                    _ = ExpositionLint.check(bytes, format: format)
                }
            }
        }
        #expect(reached > 0)
    }
}
