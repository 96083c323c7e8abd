import MartletConfiguration
import MartletCore
import MartletPatterns
import MartletYAML
import Testing

@Suite("Values in configuration")
struct ConfigurationValueTests {
    private func reader(_ text: String) throws -> (MappingReader, ProblemCollector) {
        let problems = ProblemCollector()
        let context = ReadingContext(file: "f.yml", environment: [:], patterns: RE2Patterns(), problems: problems)
        return (try #require(MappingReader(try YAMLParser.parse(text), context)), problems)
    }

    @Test(arguments: [
        ("30s", 30_000), ("1000ms", 1000), ("5m", 300_000), ("1h30m", 5_400_000), ("2d", 172_800_000),
        ("5 minutes", 300_000), ("1 hour", 3_600_000), ("250 milliseconds", 250), ("1.5s", 1500), ("90sec", 90_000),
        ("0", 0),
    ])
    func `a duration is read in all its forms`(text: String, milliseconds: Int) throws {
        let (reader, problems) = try reader("timeout: \(text)")
        #expect(reader.duration("timeout") == .milliseconds(milliseconds))
        #expect(problems.problems.isEmpty)
    }

    @Test(arguments: [
        ("interval_ms", "10000", 10_000), ("interval_seconds", "30", 30_000), ("interval_minutes", "5", 300_000),
        ("retention_days", "1", 86_400_000), ("interval_secs", "0.5", 500), ("interval_ms", "1s", 1000),
    ])
    func `a number counts in the unit that the key names`(key: String, text: String, milliseconds: Int) throws {
        let (reader, problems) = try reader("\(key): \(text)")
        #expect(reader.duration(key) == .milliseconds(milliseconds))
        #expect(problems.problems.isEmpty)
    }

    @Test(arguments: ["-5s", "5 parsecs", "s", "1h1h", "1e300s", "99999999999999999999s"])
    func `a bad duration is reported at its place`(text: String) throws {
        let (reader, problems) = try reader("a: 1\ntimeout: '\(text)'")
        #expect(reader.duration("timeout") == nil)
        #expect(
            problems.problems.map(\.description) == [
                "f.yml:2:10: expected a duration such as 30s, 5m or 1h30m, found the text \"\(text)\""
            ]
        )
    }

    @Test(arguments: [
        ("64MiB", 67_108_864), ("1GB", 1_073_741_824), ("512", 512), ("512B", 512), ("1 kb", 1024), ("0", 0),
        ("2TiB", 2 << 40),
    ])
    func `a size is read in all its forms`(text: String, bytes: Int) {
        #expect(SizeText.bytes(text) == bytes)
    }

    @Test(arguments: ["", "MB", "1.5GB", "-1", "1XB", "99999999999EB"])
    func `a bad size is none`(text: String) {
        #expect(SizeText.bytes(text) == nil)
    }

    @Test(arguments: [(0, "0"), (512, "512B"), (65_536, "64KiB"), (1 << 30, "1GiB"), (1_000_000, "1000000B")])
    func `a size is written in the largest unit that divides it`(bytes: Int, text: String) {
        #expect(SizeText.string(bytes: bytes) == text)
    }

    @Test(arguments: [
        ("127.0.0.1:9090", "127.0.0.1", 9090), ("[::1]:80", "::1", 80), (":9090", "", 9090),
        ("localhost:0", "localhost", 0),
    ])
    func `an address has a host and a port`(text: String, host: String, port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: ["9090", "a:", "a:99999", "::1:80", "[a]:1", "a:-1", "a:+1", ""])
    func `what is no address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `only loopback addresses are loopback`() {
        for host in ["127.0.0.1", "localhost", "::1", "127.1.2.3"] {
            #expect(ListenAddress(host: host, port: 1).isLoopback)
        }
        for host in ["", "0.0.0.0", "::", "10.0.0.1", "example.org"] {
            #expect(!ListenAddress(host: host, port: 1).isLoopback)
        }
    }

    @Test func `null is the same as absent`() throws {
        let (reader, problems) = try reader("a:\nb: ~\nc: null\nd: 'null'")
        #expect(reader.string("a") == nil)
        #expect(reader.int("b", default: 3) == 3)
        #expect(reader.strings("c") == [])
        #expect(reader.string("d") == "null")
        reader.finish()
        #expect(problems.problems.isEmpty)
    }

    @Test func `plain scalars are texts where a text is wanted`() throws {
        let (reader, _) = try reader("a: 1\nb: true\nc: 1.50")
        #expect(reader.string("a") == "1")
        #expect(reader.string("b") == "true")
        #expect(reader.string("c") == "1.50")
    }

    @Test func `numbers and booleans are checked`() throws {
        let (reader, problems) = try reader("a: 0.25\nb: x\nc: 2\nd: 'true'\ne: .inf\nf: on")
        #expect(reader.double("a", in: 0...1) == 0.25)
        #expect(reader.double("b") == nil)
        #expect(reader.double("c", in: 0...1) == nil)
        #expect(reader.bool("d") == nil)
        #expect(reader.double("e") == nil)
        #expect(reader.bool("f") == true)
        #expect(
            problems.problems.map(\.description) == [
                #"f.yml:2:4: expected a number, found the text "x""#,
                "f.yml:3:4: 2 is out of range; it must be in 0 to 1",
                #"f.yml:4:4: expected true or false, found the text "true""#,
                #"f.yml:5:4: expected a number, found the text ".inf""#,
            ]
        )
    }

    @Test func `problems are kept up to a bound and counted beyond it`() {
        let collector = ProblemCollector()
        for line in 1...1500 {
            collector.add(
                ConfigurationProblem(file: "f", mark: YAMLMark(line: line, column: 1), message: "m")
            )
        }
        #expect(collector.problems.count == 1001)
        #expect(collector.problems.last?.description == "f: 500 more problems are not shown")
        #expect(collector.hasErrors)
    }
}
