import Foundation
import MartletConfiguration
import MartletPatterns
import Testing

@Suite("Secrets and the environment")
struct ConfigurationSecretTests {
    @Test(arguments: [
        ("a${HOME_DIR}b", "a/rootb"), ("$1", "$1"), ("${1}", "${1}"), ("${name}", "${name}"),
        ("$HOME_DIR", "$HOME_DIR"),
        ("pa$$word", "pa$$word"), ("$${HOME_DIR}", "${HOME_DIR}"), ("${HOME_DIR}${HOME_DIR}", "/root/root"),
        ("$", "$"), ("${", "${"), ("${}", "${}"), ("{{ $value }}", "{{ $value }}"), ("${HOME-DIR}", "${HOME-DIR}"),
    ])
    func `only variables in capitals and braces are put in`(text: String, expected: String) throws {
        let configuration = try load(
            "scrape_configs: [{job_name: a, relabel_configs: [{target_label: x, replacement: '\(text)'}]}]",
            environment: ["HOME_DIR": "/root", "1": "no", "name": "no"]
        )
        #expect(configuration.scrapeConfigurations[0].relabelRules[0].replacement == expected)
    }

    @Test func `a number can come from the environment`() throws {
        let configuration = try load(
            "global:\n  sample_limit: ${LIMIT}\n  scrape_interval: ${EVERY}",
            environment: [
                "LIMIT": "7", "EVERY": "30s",
            ]
        )
        #expect(configuration.global.limits.samples == 7)
        #expect(configuration.global.scrapeInterval == .seconds(30))
    }

    @Test func `a missing variable is a problem at its place`() {
        #expect(
            problems("scrape_configs: [{job_name: a, bearer_token: '${API_TOKEN}'}]") == [
                "martlet.yml:1:46: environment variable API_TOKEN is not set; set it, or write $${API_TOKEN} for the literal text"
            ]
        )
    }

    @Test func `a secret shows itself nowhere`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: secret), dumped, "\([secret])"] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("<secret>") || text.contains("Secret"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test func `secrets are equal when their texts are`() {
        #expect(Secret("abc") == Secret("abc"))
        #expect(Secret("abc") != Secret("abd"))
        #expect(Secret("abc") != Secret("abcabc"))
        #expect(Secret("") == Secret(""))
        #expect(Secret("") != Secret("\0"))
    }

    @Test func `a secret file is read at each use`() throws {
        let path = NSTemporaryDirectory() + "martlet-secret-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("first\n".utf8).write(to: URL(fileURLWithPath: path))
        let configuration = try load("scrape_configs: [{job_name: a, bearer_token_file: '\(path)'}]")
        guard case .authorization("Bearer", let source)? = configuration.scrapeConfigurations[0].http.credentials else {
            Issue.record("no credentials")
            return
        }
        #expect(try source.read().reveal() == "first")
        try Data("second\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try source.read().reveal() == "second")
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: FileError.self) { try source.read() }
    }

    @Test func `the dump shows no secret and reads back as itself`() throws {
        let text = """
            global: {smtp_auth_password: hush1, slack_api_url: 'https://hooks/hush2', resolve_timeout: 5m}
            scrape_configs:
              - job_name: basic
                params: {module: [http_2xx], token: [hush3]}
                basic_auth: {username: u, password: hush4}
                proxy_url: http://u:hush5@proxy:3128
              - job_name: bearer
                authorization: {credentials: hush6}
                relabel_configs: [{action: drop, source_labels: [__address__], regex: 'a: b'}]
                http_headers: {X-Key: {secrets: [hush7], values: [seen]}}
                static_configs: [{targets: ['a:1'], labels: {version: '1.0'}}]
            receivers:
              - name: hooks
                webhook_configs:
                  - url: https://example/hush8
                    http_config: {authorization: {type: Bearer, credentials: hush9}}
            """
        let dump = try load(text).yaml
        #expect(!dump.contains("hush"))
        #expect(dump.contains("password: <secret>"))
        #expect(dump.contains("url: <secret>"))
        #expect(dump.contains("- seen"))
        #expect(dump.contains(#"version: "1.0""#))
        #expect(dump.contains(#"regex: "a: b""#))
        let again = try load(dump.replacingOccurrences(of: "proxy_url: <secret>", with: "proxy_url: http://p"))
        #expect(again.yaml == dump)
    }

    @Test func `the dump of a small file is complete`() throws {
        let dump = try load("scrape_configs: [{job_name: node, static_configs: [{targets: ['localhost:9100']}]}]").yaml
        #expect(
            dump == """
                global:
                  scrape_interval: 1m
                  scrape_timeout: 10s
                  scrape_protocols:
                  - OpenMetricsText1.0.0
                  - OpenMetricsText0.0.1
                  - PrometheusText1.0.0
                  - PrometheusText0.0.4
                  evaluation_interval: 1m
                  body_size_limit: 64MiB
                scrape_configs:
                - job_name: node
                  honor_labels: false
                  honor_timestamps: true
                  track_timestamps_staleness: false
                  scrape_interval: 1m
                  scrape_timeout: 10s
                  scrape_protocols:
                  - OpenMetricsText1.0.0
                  - OpenMetricsText0.0.1
                  - PrometheusText1.0.0
                  - PrometheusText0.0.4
                  metrics_path: /metrics
                  scheme: http
                  enable_compression: true
                  body_size_limit: 64MiB
                  follow_redirects: true
                  static_configs:
                  - targets:
                    - localhost:9100
                server:
                  listen: "127.0.0.1:9090"
                  health_listen: "127.0.0.1:8080"
                  otlp_http_listen: "127.0.0.1:4318"
                  otlp_grpc_listen: "127.0.0.1:4317"
                  insecure_listen: false
                  json_api_enabled: true
                  prometheus_enabled: true
                  limits:
                    connections: 4096
                    header_bytes: 64KiB
                    body_bytes: 64MiB
                    header_timeout: 10s
                    body_timeout: 1m
                    query_timeout: 2m
                    query_concurrency: 20
                    query_samples: 50000000
                metrics:
                  collection_interval: 10s
                storage:
                  retention:
                    raw: 1d
                    hourly: 1w
                    daily: 30d
                  durability: interval
                  sync_interval: 100ms
                  out_of_order_window: 30m
                traces:
                  retention: 1w
                audit:
                  retention: 1y
                  durability: each
                  block_events: 4096
                  checkpoints:
                    interval: 5m
                    log: true
                logs:
                  retention: 1w
                otlp:
                  translation_strategy: UnderscoreEscapingWithSuffixes
                  promote_scope_metadata: true
                health:
                  interval: 30s
                  timeout: 5s
                  overall_status_mode: standard
                  always_200: false
                  thresholds:
                    alert: 3
                    status: 1
                    memory: 90

                """
        )
    }

    @Test(arguments: [
        (
            "basic_auth: {username: u}, authorization: {credentials: c}",
            "martlet.yml:1:74: only one of basic_auth, authorization may be given"
        ),
        (
            "basic_auth: {username: u, password: a, password_file: b}",
            #"martlet.yml:1:68: at most one of "password" and "password_file" may be given"#
        ),
        (
            "authorization: {type: Basic, credentials: c}",
            #"martlet.yml:1:54: authorization type cannot be "basic"; use basic_auth"#
        ),
        ("basic_auth: hush", "martlet.yml:1:44: expected a mapping, found a text"),
        ("tls_config: {cert_file: a}", "martlet.yml:1:56: cert_file and key_file must be given together"),
        (
            "oauth2: {client_id: a}",
            #"martlet.yml:1:40: "oauth2" is not supported; supported are basic_auth and authorization"#
        ),
        ("proxy_url: ftp://hush", "martlet.yml:1:43: proxy_url must begin with http://, https:// or socks5://"),
    ])
    func `a mistake in credentials is explained without showing them`(keys: String, problem: String) {
        #expect(problems("scrape_configs: [{job_name: a, \(keys)}]") == [problem])
    }
}
