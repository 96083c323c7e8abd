import MartletConfiguration
import Testing

@Suite("Sources of logs and audit in the configuration")
struct LogSourceTests {
    @Test func `reads files, syslog and what is known of them`() throws {
        let sources = try load(
            """
            logs:
              sources:
                - {name: a, file: /var/log/a.log, service: shop, multiline: true, from: end}
                - {name: b, file: [/b/*.log, /c.log], format: json, attributes: {site: berlin}}
                - {name: c, file: /d.log, pattern: '(?P<message>.*)', multiline: {start: '^x'}}
                - {name: d, syslog_udp: '127.0.0.1:5514'}
                - {name: e, syslog_tcp: '127.0.0.1:5515'}
            """
        ).logs.sources
        #expect(sources.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect(sources[0].subject == .files(["/var/log/a.log"]))
        #expect(sources[0].joinsLines && sources[0].beginsAtEnd && sources[0].format == .auto)
        #expect(sources[0].attributes == ["service.name": "shop"])
        #expect(sources[1].subject == .files(["/b/*.log", "/c.log"]))
        #expect(sources[1].format == .json && sources[1].attributes == ["site": "berlin"])
        #expect(sources[2].format == .pattern && sources[2].startPattern == "^x")
        guard case .syslogUDP(let address) = sources[3].subject else { return #expect(Bool(false)) }
        #expect(address.port == 5514)
        guard case .syslogTCP = sources[4].subject else { return #expect(Bool(false)) }
    }

    @Test(arguments: [
        ("{name: a}", "needs one of file, syslog_udp and syslog_tcp; it has 0"),
        ("{name: a, file: x, syslog_udp: '127.0.0.1:1'}", "it has 2"), ("{file: x}", "missing field \"name\""),
        ("{name: a, file: x, pattern: '('}", "missing"), ("{name: a, file: x, pattern: 'x'}", "no named group"),
        ("{name: a, file: x, format: pattern}", "needs an expression"),
        ("{name: a, file: x, format: json, pattern: '(?P<a>x)'}", "contradict"),
        ("{name: a, file: '/*/x.log'}", "last part"),
        ("{name: a, syslog_tcp: '127.0.0.1:1', format: json}", "is for files"),
        ("{name: a, syslog_tcp: none}", "expected an address"),
        ("{name: a, file: x, formt: json}", "did you mean \"format\""),
        ("{name: a, file: x}, {name: a, file: y}", "2 sources have the name"),
    ])
    func `tells what is wrong with a source`(source: String, problem: String) {
        let found = problems("logs:\n  sources: [\(source)]")
        #expect(found.contains { $0.contains(problem) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("martlet.yml:2:") })
    }

    @Test func `reads audit and shows it without secrets`() throws {
        let text = """
            audit:
              retention: forever
              max_bytes: 1GiB
              durability: os
              block_events: 10
              checkpoints: {interval: 1m, log: false, file: /h.jsonl, webhook: 'https://u:p@example.org/'}
            logs:
              sources: [{name: a, file: /a, multiline: {start: x}, service: s}, {name: b, syslog_udp: '127.0.0.1:1'}]
            """
        let configuration = try load(text)
        #expect(configuration.audit.retention == nil)
        #expect(!configuration.audit.isSynced && !configuration.audit.publishesToLog)
        #expect(configuration.audit.publishFile == "/h.jsonl")
        #expect(configuration.audit.checkpointInterval == .seconds(60))
        #expect(
            configuration.yaml.contains("webhook: <secret>") || configuration.yaml.contains("webhook: \"<secret>\"")
        )
        #expect(!configuration.yaml.contains("example.org"))
        #expect(configuration.yaml.contains("service.name: s"))
        #expect(
            problems("audit: {checkpoints: {webhook: ftp://x}}").contains { $0.contains("webhook must begin with") }
        )
    }
}
