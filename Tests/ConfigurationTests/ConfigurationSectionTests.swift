import Foundation
import MartletConfiguration
import MartletPatterns
import Testing

@Suite("Sections of a configuration")
struct ConfigurationSectionTests {
    @Test func `server, storage and health are read with all keys`() throws {
        let configuration = try load(
            """
            server:
              listen: '[::1]:9999'
              health_listen: none
              insecure_listen: true
              external_url: https://metrics.example
              notification_allowlist: [10.0.0.0/8]
              tls: {cert_file: /c.pem, key_file: /k.pem, client_ca_file: /ca.pem}
              limits: {connections: 10, header_bytes: 1KiB, body_bytes: 2MiB, header_timeout: 1s, body_timeout: 2s,
                query_timeout: 3s, query_concurrency: 4, query_samples: 5}
            storage:
              durability: each
              sync_interval: 200ms
              series_max: 1000
              series_max_per_target: 100
              series_max_per_metric: 50
              retention: {hourly: 14d, daily: 90d}
              tsdb: {out_of_order_time_window: 30m, retention: {time: 15d, size: 10GB}}
            health: {interval: 10s, timeout: 1s}
            metrics: {collection_interval: 5s}
            """
        )
        #expect(configuration.warnings.isEmpty)
        let server = configuration.server
        #expect(server.listen?.description == "[::1]:9999")
        #expect(server.healthListen == nil)
        #expect(server.isListenNamed && server.isHealthListenNamed && server.allowsInsecureListen)
        #expect(server.externalURL == "https://metrics.example")
        #expect(server.notificationAllowlist == ["10.0.0.0/8"])
        #expect(server.tls?.clientAuthorityFile == "/ca.pem")
        #expect(server.limits.connections == 10)
        #expect(server.limits.headerBytes == 1024)
        #expect(server.limits.queryTimeout == .seconds(3))
        #expect(server.limits.querySamples == 5)
        #expect(configuration.storage.seriesPerTargetMax == 100)
        #expect(configuration.storage.seriesPerMetricMax == 50)
        #expect(configuration.storage.hourlyRetention == .seconds(14 * 86_400))
        #expect(configuration.storage.dailyRetention == .seconds(90 * 86_400))
        let storage = configuration.storage
        #expect(storage.durability == .each)
        #expect(storage.syncInterval == .milliseconds(200))
        #expect(storage.outOfOrderWindow == .seconds(1800))
        #expect(storage.rawRetention == .seconds(15 * 86_400))
        #expect(storage.bytesMax == 10 << 30)
        #expect(storage.seriesMax == 1000)
        #expect(configuration.health.interval == .seconds(10))
        #expect(configuration.metrics.collectionInterval == .seconds(5))
        #expect(try load(configuration.yaml).yaml == configuration.yaml)
    }

    @Test func `checks of health are read, written and read again`() throws {
        let configuration = try load(
            """
            health:
              check_interval: 20s
              timeout: 2s
              thresholds: {alert: 5, status: 4, memory: 80.5}
              overall_status_mode: s0
              always_200: true
              checks:
                - {name: cache, tcp: '127.0.0.1:6379', critical: true, component: cache, interval: 5s, timeout: 1s}
                - {name: spool, disk: /var/spool}
            """
        )
        let health = configuration.health
        #expect(health.interval == .seconds(20))
        #expect((health.alertThreshold, health.statusThreshold, health.memoryThreshold) == (5, 4, 80.5))
        #expect(health.hasThreeWords && health.isAlways200)
        #expect(health.checks.map(\.name) == ["cache", "spool"])
        #expect(health.checks.map(\.subject) == [.tcp(host: "127.0.0.1", port: 6379), .disk("/var/spool")])
        #expect(health.checks.map(\.isCritical) == [true, false])
        #expect(health.checks[0].interval == .seconds(5) && health.checks[0].timeout == .seconds(1))
        let again = try load(configuration.yaml)
        #expect(again.health.checks == health.checks)
        #expect(again.health.alertThreshold == 5 && again.health.hasThreeWords)
        #expect(again.yaml == configuration.yaml)
    }

    @Test(arguments: [
        ("{interval: 5s, timeout: 5s}", "\"timeout\" must be shorter than \"interval\""),
        ("{unhealthy_threshold: 0}", "0 is out of range; it must be in 1 to 1000"),
        ("{checks: [{name: a, tcp: '127.0.0.1'}]}", "expected an address such as 127.0.0.1:6379, found \"127.0.0.1\""),
        (
            "{checks: [{name: a, tcp: '127.0.0.1:0'}]}",
            "expected an address such as 127.0.0.1:6379, found \"127.0.0.1:0\""
        ),
        ("{checks: [{name: a}]}", "a check needs exactly one of \"tcp\" and \"disk\""),
        ("{checks: [{name: a, tcp: 'h:1', disk: /}]}", "a check needs exactly one of \"tcp\" and \"disk\""),
        ("{checks: [{disk: /}]}", "missing field \"name\""),
        (
            "{checks: [{name: storage, disk: /}]}",
            "the check name \"storage\" is taken; give each check a name of its own"
        ),
        (
            "{checks: [{name: a, disk: /}, {name: a, disk: /b}]}",
            "the check name \"a\" is taken; give each check a name of its own"
        ),
    ])
    func `what is no check of health is told`(section: String, message: String) {
        let found = problems("health: \(section)")
        #expect(found.count == 1 && found.first?.hasSuffix(message) == true, "\(found)")
    }

    @Test func `counters of log records are read, written and read again`() throws {
        let configuration = try load(
            """
            logs:
              metrics:
                - {name: refused_total, query: 'service:shop "connection refused"', by: [host, level], help: Refusals.}
                - {name: all_total, query: '*'}
            """
        )
        let metrics = [
            LogMetric(
                "refused_total",
                query: "service:shop \"connection refused\"",
                by: ["host", "level"],
                help: "Refusals."
            ),
            LogMetric("all_total", query: "*"),
        ]
        #expect(configuration.logs.metrics == metrics)
        #expect(try load(configuration.yaml).logs.metrics == metrics)
    }

    @Test(arguments: [
        (
            "{name: refused, query: a}",
            "a counter's name has letters, digits and \"_\" and ends in _total; got \"refused\""
        ),
        (
            "{name: 'a-b_total', query: a}",
            "a counter's name has letters, digits and \"_\" and ends in _total; got \"a-b_total\""
        ),
        ("{name: a_total, query: 'a | count'}", "what is counted is told by \"by\"; leave out the part behind the bar"),
        ("{name: a_total, query: 'level:>=wran'}", "(did you mean \"warn\"?)"),
        ("{name: a_total}", "missing field \"query\""),
        ("{name: a_total, query: a, by: [a, b, c, d, e, f, g, h, i]}", "records can be counted by 8 fields at most"),
    ])
    func `what counts no log records is told`(metric: String, message: String) {
        let found = problems("logs: {metrics: [\(metric)]}")
        #expect(found.count == 1 && found.first?.hasSuffix(message) == true, "\(found)")
    }

    @Test func `days of retention set the daily tier, wherever they stand`() throws {
        let days: (Int) -> Duration = { .seconds($0 * 86_400) }
        #expect(try load("storage: {retention_days: 45}").storage.dailyRetention == days(45))
        let text = """
            monitoring:
              performance: {enabled: true, sampling_rate: 0.1, retention_days: 30}
              metrics: {enabled: true, collection_interval: 60s, retention_days: 90}
            """
        #expect(try load(text).storage.dailyRetention == days(90))
        #expect(try load(text + "\nstorage: {retention_days: 10}").storage.dailyRetention == days(10))
        #expect(try load(text + "\nstorage: {retention_days: 10}").storage.rawRetention == days(1))
    }

    @Test func `days of retention are refused where they are none or said twice`() {
        #expect(throws: ConfigurationError.self) { try load("storage: {retention_days: 0}") }
        #expect(throws: ConfigurationError.self) { try load("monitoring: {metrics: {retention_days: many}}") }
        #expect(throws: ConfigurationError.self) { try load("storage: {retention_days: 9, retention: {daily: 9d}}") }
    }

    @Test func `a file and the rule files beside it are found`() throws {
        let directory = NSTemporaryDirectory() + "martlet-configuration-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: "\(directory)/rules", withIntermediateDirectories: true)
        for name in ["rules/b.yml", "rules/a.yml", "rules/c.txt"] {
            try Data().write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        }
        let text =
            "rule_files: ['rules/*.yml', rules/a.yml, missing.yml]\nglobal:\n  external_labels: {who: \"${WHO}\"}\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/martlet.yml"))
        let configuration = try ConfigurationLoader.load(
            path: "\(directory)/martlet.yml",
            environment: ["WHO": "me"],
            patterns: RE2Patterns()
        )
        #expect(configuration.matchingRuleFiles == ["\(directory)/rules/a.yml", "\(directory)/rules/b.yml"])
        #expect(configuration.global.externalLabels == ["who": "me"])
        #expect(
            configuration.warnings.map(\.description) == [
                "\(directory)/martlet.yml:1:42: warning: rule file \(directory)/missing.yml does not exist"
            ]
        )
    }
}
