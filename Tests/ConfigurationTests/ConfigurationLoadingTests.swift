import MartletConfiguration
import MartletCore
import MartletPatterns
import Testing

@Suite("Loading a configuration")
struct ConfigurationLoadingTests {
    @Test func `an empty file gives the defaults`() throws {
        let configuration = try load("")
        #expect(configuration.global == GlobalConfiguration())
        #expect(configuration.global.scrapeInterval == .seconds(60))
        #expect(configuration.global.scrapeTimeout == .seconds(10))
        #expect(configuration.global.evaluationInterval == .seconds(60))
        #expect(configuration.metrics.collectionInterval == .seconds(10))
        #expect(configuration.storage.rawRetention == .seconds(86_400))
        #expect(configuration.storage.durability == .interval)
        #expect(configuration.server.listen?.description == "127.0.0.1:9090")
        #expect(configuration.server.healthListen?.description == "127.0.0.1:8080")
        #expect(configuration.scrapeConfigurations.isEmpty)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a job inherits what global says`() throws {
        let configuration = try load(
            """
            global:
              scrape_interval: 15s
              scrape_timeout: 5s
              sample_limit: 1000
              body_size_limit: 1MB
              external_labels: {site: berlin}
            scrape_configs:
              - job_name: node
                static_configs:
                  - targets: ['localhost:9100', 'localhost:9101']
                    labels: {rack: 7}
              - job_name: slow
                scrape_interval: 2m
                scrape_timeout: 1m30s
                sample_limit: 5
            """
        )
        #expect(configuration.global.externalLabels == ["site": "berlin"])
        let node = try #require(configuration.scrapeConfigurations.first)
        #expect(node.interval == .seconds(15))
        #expect(node.timeout == .seconds(5))
        #expect(node.limits.samples == 1000)
        #expect(node.limits.bodyBytes == 1 << 20)
        #expect(node.metricsPath == "/metrics")
        #expect(node.scheme == "http")
        #expect(node.http.followsRedirects)
        #expect(
            node.staticGroups == [TargetGroup(targets: ["localhost:9100", "localhost:9101"], labels: ["rack": "7"])]
        )
        let slow = configuration.scrapeConfigurations[1]
        #expect(slow.interval == .seconds(120))
        #expect(slow.timeout == .seconds(90))
        #expect(slow.limits.samples == 5)
    }

    @Test func `an inherited timeout is cut to a shorter interval`() throws {
        let configuration = try load("scrape_configs: [{job_name: a, scrape_interval: 1s}]")
        #expect(configuration.scrapeConfigurations[0].timeout == .seconds(1))
    }

    @Test func `all problems are reported together with their places`() {
        let text = """
            global:
              scrape_intervall: 15s
            scrape_configs:
              - job_name: a
                scrape_timeout: fast
                static_configs:
                  - target: ['x:1']
              - job_name: a
                honor_labels: maybe
            """
        #expect(
            problems(text) == [
                #"martlet.yml:2:3: unknown field "scrape_intervall" (did you mean "scrape_interval"?)"#,
                #"martlet.yml:5:21: expected a duration such as 30s, 5m or 1h30m, found the text "fast""#,
                #"martlet.yml:7:9: unknown field "target" (did you mean "targets"?)"#,
                #"martlet.yml:8:15: job name "a" is already taken at 4:5"#,
                #"martlet.yml:9:19: expected true or false, found the text "maybe""#,
            ]
        )
    }

    @Test(arguments: [
        (
            "scrape_configs: [{job_name: a, scrape_interval: 5s, scrape_timeout: 6s}]",
            "martlet.yml:1:69: scrape_timeout 6s is greater than scrape_interval 5s"
        ),
        ("scrape_configs: [{honor_labels: true}]", #"martlet.yml:1:18: missing field "job_name""#),
        (
            "scrape_configs: [{job_name: a, scheme: htps}]",
            #"martlet.yml:1:40: unknown scheme "htps" (did you mean "https"?); known are http, https"#
        ),
        ("scrape_configs: {job_name: a}", "martlet.yml:1:17: expected a list, found a mapping"),
        ("global: 5", "martlet.yml:1:9: expected a mapping, found a text"),
        ("global: {sample_limit: -1}", "martlet.yml:1:24: -1 is out of range; it must be 0 or more"),
        ("global: {sample_limit: '5'}", #"martlet.yml:1:24: expected a whole number, found the text "5""#),
        (
            "global: {scrape_interval: 30}",
            #"martlet.yml:1:27: duration "30" has no unit; write 30s or another unit of ms, s, m, h, d, w, y"#
        ),
        ("global: {scrape_interval: 0s}", #"martlet.yml:1:27: "scrape_interval" must be more than zero"#),
        (
            "global: {body_size_limit: 5XB}",
            #"martlet.yml:1:27: expected a size such as 64MiB, found the text "5XB""#
        ),
        (
            "scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod}]}]",
            #"martlet.yml:1:55: "kubernetes_sd_configs" is not supported; supported are static_configs and file_sd_configs"#
        ),
        (
            "scrape_configs: [{job_name: a, static_configs: [{targets: ['http://a:1/x']}]}]",
            #"martlet.yml:1:60: "http://a:1/x" is not a valid target; write host:port, and the rest as scheme and metrics_path"#
        ),
        (
            "scrape_configs: [{job_name: a, file_sd_configs: [{files: [a.txt]}]}]",
            #"martlet.yml:1:59: path "a.txt" must end in .json, .yml or .yaml, and only its last part may be a pattern"#
        ),
        (
            "server: {listen: 9090}",
            #"martlet.yml:1:18: expected an address such as 127.0.0.1:9090 or none, found "9090""#
        ),
        (
            "server: {authentication: {}}",
            #"martlet.yml:1:26: "authentication" is not served by this version; listen on loopback only and remove it"#
        ),
        ("storage: {durability: evry}", #"martlet.yml:1:23: unknown durability "evry"; known are each, interval, os"#),
        (
            "scrape_configs: [{job_name: a, scrape_protocols: [Nope]}]",
            #"martlet.yml:1:51: unknown scrape protocol "Nope"; known are PrometheusProto, OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText1.0.0, PrometheusText0.0.4"#
        ),
        ("- a", "martlet.yml:1:1: expected a mapping, found a list"),
    ])
    func `a mistake is explained`(text: String, problem: String) {
        #expect(problems(text) == [problem])
    }

    @Test func `text that is no YAML gives one problem with its place`() {
        let found = problems("global: {a: [1, 2}\n")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("martlet.yml:1:"))
    }

    @Test func `keys that nothing serves yet are accepted with a warning`() throws {
        let configuration = try load(
            "remote_write: [{url: 'http://a/'}]\ndashboards: {a: 1}\nstorage: {retention: {raw: 2d, hourly: 7d, max_bytes: 1GiB}}"
        )
        #expect(
            configuration.warnings.map(\.description) == [
                #"martlet.yml:1:1: warning: "remote_write" is not served by this version and has no effect"#,
                #"martlet.yml:2:1: warning: "dashboards" is not served by this version and has no effect"#,
            ]
        )
        #expect(configuration.storage.rawRetention == .seconds(172_800))
        #expect(configuration.storage.bytesMax == 1 << 30)
    }

    @Test func `the sections of alerting are left for their own reader`() throws {
        let text = """
            global: {resolve_timeout: 5m, smtp_from: a@b}
            route: {receiver: a}
            receivers: [{name: a}]
            inhibit_rules: []
            time_intervals: []
            templates: []
            alerting: {alertmanagers: []}
            """
        var seen: String?
        let configuration = try ConfigurationLoader.load(
            text: text,
            file: "martlet.yml",
            environment: [:],
            patterns: RE2Patterns()
        ) { configuration, context in
            let route = configuration.alertingSections.route.flatMap { MappingReader($0, context) }
            seen = route?.string("receiver")
        }
        #expect(seen == "a")
        #expect(configuration.alertingSections.receivers != nil)
        #expect(configuration.alertingSections.alerting != nil)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `problems of other readers are thrown with the rest`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(
                text: "globl: 1\nroute: {receivr: a}",
                file: "martlet.yml",
                environment: [:],
                patterns: RE2Patterns()
            ) { configuration, context in
                guard let route = configuration.alertingSections.route, let reader = MappingReader(route, context)
                else { return }
                _ = reader.requiredString("receiver")
                reader.finish()
            }
        }
        #expect(
            error?.description == """
                martlet.yml:1:1: unknown field "globl" (did you mean "global"?)
                martlet.yml:2:8: missing field "receiver"
                martlet.yml:2:9: unknown field "receivr" (did you mean "receiver"?)
                """
        )
    }

    @Test func `relative paths begin in the file's directory`() throws {
        let configuration = try ConfigurationLoader.load(
            text:
                "rule_files: ['rules/*.yml', /etc/*.yml]\nscrape_configs: [{job_name: a, file_sd_configs: [{files: ['t/*.json']}]}]",
            file: "/etc/martlet/martlet.yml",
            environment: [:],
            patterns: RE2Patterns()
        )
        #expect(configuration.ruleFiles == ["/etc/martlet/rules/*.yml", "/etc/*.yml"])
        let discovery = configuration.scrapeConfigurations[0].fileDiscoveries
        #expect(discovery == [FileDiscovery(patterns: ["/etc/martlet/t/*.json"], refreshInterval: .seconds(300))])
    }

    @Test func `a missing file is one clear problem`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(path: "/nonexistent/martlet.yml", environment: [:], patterns: RE2Patterns())
        }
        #expect(
            error?.description == "/nonexistent/martlet.yml: cannot read the file: No such file or directory"
        )
    }
}
