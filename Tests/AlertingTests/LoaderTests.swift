import Foundation
import MartletAlerting
import MartletConfiguration
import MartletPatterns
import Testing

@Suite("Rule files")
struct RuleFileTests {
    private func load(_ text: String) throws -> (groups: [RuleGroup], warnings: [String]) {
        let loader = RuleFileLoader(defaultInterval: .seconds(30), patterns: RE2Patterns()) { expression in
            expression.hasSuffix("+") ? "1:7: parse error: unexpected end of input" : nil
        }
        let (groups, warnings) = try loader.load(text: text, file: "rules.yml")
        return (groups, warnings.map(\.description))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try load(text)
            return []
        } catch {
            return ((error as? ConfigurationError)?.problems ?? []).map(\.description)
        }
    }

    @Test func `reads groups with both kinds of rules`() throws {
        let text = """
            groups:
              - name: alerts
                interval: 5s
                limit: 10
                query_offset: 1m
                labels: {source: martlet}
                rules:
                  - alert: Down
                    expr: up == 0
                    for: 5m
                    keep_firing_for: 1m30s
                    labels: {severity: page, level: 1}
                    annotations:
                      summary: "{{ $labels.instance }} costs $5 and ${HOME}"
                  - record: job:up:sum
                    expr: |
                      sum by (job) (up)
                    labels: {kind: sum}
              - name: empty
            """
        let (groups, warnings) = try load(text)
        #expect(warnings.isEmpty)
        #expect(
            groups == [
                RuleGroup(
                    name: "alerts",
                    file: "rules.yml",
                    interval: .seconds(5),
                    limit: 10,
                    queryOffset: .seconds(60),
                    labels: ["source": "martlet"],
                    rules: [
                        .alerting(
                            AlertingRule(
                                name: "Down",
                                expression: "up == 0",
                                holdDuration: .seconds(300),
                                keepFiringFor: .seconds(90),
                                labels: ["severity": "page", "level": "1"],
                                annotations: ["summary": "{{ $labels.instance }} costs $5 and ${HOME}"]
                            )
                        ),
                        .recording(
                            RecordingRule(
                                record: "job:up:sum",
                                expression: "sum by (job) (up)\n",
                                labels: ["kind": "sum"]
                            )
                        ),
                    ]
                ),
                RuleGroup(name: "empty", file: "rules.yml", interval: .seconds(30), rules: []),
            ]
        )
    }

    @Test func `reports all problems at once with their places`() {
        let text = """
            groups:
              - name: a
                intervall: 5s
                rules:
                  - alert: Down
                    expr: up +
                    fro: 5m
                    annotations: {summary: "{{ $label.x }}"}
                  - record: x
                    alert: y
                    expr: up
                  - expr: up
                  - record: z
                    for: 5m
                  - alert: B
                    expr: up
                    labels: {__name__: x}
                  - record: "sum{a}"
                    expr: up
              - name: a
                interval: 0s
              - rules: []
            """
        #expect(
            problems(text) == [
                "rules.yml:3:5: unknown field \"intervall\" (did you mean \"interval\"?)",
                "rules.yml:6:15: could not parse expression: 1:7: parse error: unexpected end of input",
                "rules.yml:7:9: unknown field \"fro\" (did you mean \"for\"?)",
                "rules.yml:8:23: annotation \"summary\": 1:4: undefined variable \"$label\" (did you mean \"$labels\"?)",
                "rules.yml:9:17: only one of \"record\" and \"alert\" may be given",
                "rules.yml:12:9: one of \"record\" and \"alert\" must be given",
                "rules.yml:13:9: missing field \"expr\"",
                "rules.yml:14:14: field \"for\" has no meaning in a recording rule",
                "rules.yml:17:18: invalid label name \"__name__\"",
                "rules.yml:18:17: a recording rule's name has no braces; should \"sum{a}\" be in expr?",
                "rules.yml:20:11: group name \"a\" is already taken at 2:5",
                "rules.yml:21:15: \"interval\" must be more than zero",
                "rules.yml:22:5: missing field \"name\"",
            ]
        )
    }

    @Test func `warns of rules that stand twice`() throws {
        let text = """
            groups:
              - name: a
                rules:
                  - {record: x, expr: up}
                  - {record: x, expr: down}
                  - {record: x, expr: up, labels: {a: b}}
            """
        let (groups, warnings) = try load(text)
        #expect(groups.first?.rules.count == 3)
        #expect(warnings == ["rules.yml:5:9: warning: rule \"x\" has the name and labels of the one at 4:9"])
    }

    @Test func `reports files that are no rule files`() {
        #expect(problems("groups: [").count == 1)
        #expect(problems("groups: 5").count == 1)
        #expect(problems("- a").count == 1)
        let error = #expect(throws: ConfigurationError.self) {
            try RuleFileLoader(patterns: RE2Patterns()) { _ in nil }.load(paths: ["/nonexistent/rules.yml"])
        }
        #expect(error?.problems.map(\.message) == ["cannot read the file: No such file or directory"])
    }
}

@Suite("Routes and receivers")
struct NotificationLoaderTests {
    private func load(_ text: String) throws -> (NotificationConfiguration, [String]) {
        var notification = NotificationConfiguration()
        let configuration = try ConfigurationLoader.load(
            text: text,
            file: "martlet.yml",
            environment: ["TOKEN": "t0k3n"],
            patterns: RE2Patterns()
        ) { configuration, context in
            notification = NotificationLoader.read(configuration.alertingSections, context)
        }
        return (notification, configuration.warnings.map(\.description))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try load(text)
            return []
        } catch {
            return ((error as? ConfigurationError)?.problems ?? []).map(\.description)
        }
    }

    @Test func `reads a tree whose routes inherit`() throws {
        let (configuration, warnings) = try load(
            """
            route:
              receiver: default
              group_by: [alertname]
              group_wait: 10s
              routes:
                - matchers: ['severity="page"', team=~"d.*"]
                  receiver: pager
                  group_by: ['...']
                  continue: true
                  repeat_interval: 1h
                  routes:
                    - match: {zone: eu}
                      match_re: {rack: "[0-9]+"}
            receivers:
              - name: default
              - name: pager
                webhook_configs:
                  - url: http://sink/${TOKEN}
                    send_resolved: false
                    max_alerts: 5
                    timeout: 3s
                    http_config:
                      basic_auth: {username: me, password: secret}
                victorops_configs:
                  - api_key: abc
            """
        )
        let route = try #require(configuration.route)
        #expect(route.receiver == "default" && route.groupWait == .seconds(10) && route.groupInterval == .seconds(300))
        let pager = try #require(route.routes.first)
        #expect(pager.receiver == "pager" && pager.continues && pager.grouping == .everyLabel)
        #expect(pager.groupWait == .seconds(10) && pager.repeatInterval == .seconds(3600))
        #expect(pager.matchers.map(\.description) == ["severity=\"page\"", "team=~\"d.*\""])
        let zone = try #require(pager.routes.first)
        #expect(zone.receiver == "pager" && !zone.continues && zone.grouping == .everyLabel)
        #expect(zone.matchers.map(\.description) == ["rack=~\"[0-9]+\"", "zone=\"eu\""])
        let webhook = try #require(configuration.receivers.last?.webhooks.first)
        #expect(try webhook.url.read().reveal() == "http://sink/t0k3n")
        #expect(!webhook.sendsResolved && webhook.maxAlerts == 5 && webhook.timeout == .seconds(3))
        #expect(!webhook.http.followsRedirects)
        #expect(webhook.http.credentials == .basic(user: "me", password: .inline(Secret("secret"))))
        #expect(
            warnings == [
                "martlet.yml:24:5: warning: \"victorops_configs\" is not served by this version; the receiver is not told this way"
            ]
        )
    }

    @Test func `takes the client settings of the global section`() throws {
        let (configuration, _) = try load(
            """
            global:
              resolve_timeout: 5m
              http_config: {follow_redirects: true, authorization: {credentials: abc}}
            route: {receiver: a}
            receivers: [{name: a, webhook_configs: [{url: "http://x"}, {url: "http://y", http_config: {}}]}]
            """
        )
        let webhooks = try #require(configuration.receivers.first?.webhooks)
        #expect(webhooks[0].http.followsRedirects)
        #expect(webhooks[0].http.credentials == .authorization(scheme: "Bearer", credentials: .inline(Secret("abc"))))
        #expect(!webhooks[1].http.followsRedirects && webhooks[1].http.credentials == nil)
    }

    @Test func `reports all problems at once with their places`() {
        let text = """
            route:
              receiver: defualt
              matchers: [a=b]
              group_by: [a, a]
              group_intervall: 5m
              routes:
                - receiver: pagre
                  matchers: ['a', 'b=~"("']
                  group_by: ['...', a]
                  group_interval: 0s
            receivers:
              - name: default
                webhook_configs:
                  - send_resolved: true
                  - url: ftp://x
                  - {url: "http://x", url_file: /x}
              - name: pager
              - name: pager
              - webhook_config: []
            """
        #expect(
            problems(text) == [
                "martlet.yml:2:13: unknown receiver \"defualt\" (did you mean \"default\"?)",
                "martlet.yml:3:13: the root route takes all alerts and may have no \"matchers\"",
                "martlet.yml:4:13: label \"a\" is given twice in group_by",
                "martlet.yml:5:3: unknown field \"group_intervall\" (did you mean \"group_interval\"?)",
                "martlet.yml:7:17: unknown receiver \"pagre\" (did you mean \"pager\"?)",
                "martlet.yml:8:18: bad matcher \"a\": expected =, !=, =~ or !~ at character 2, found the end",
                "martlet.yml:8:23: bad matcher \"b=~\\\"(\\\"\": bad regular expression \"(\": missing ): (",
                "martlet.yml:9:17: \"...\" groups by all labels and stands alone in group_by",
                "martlet.yml:10:23: \"group_interval\" must be more than zero",
                "martlet.yml:14:9: missing field \"url\" or \"url_file\"",
                "martlet.yml:15:14: url must begin with http:// or https://",
                "martlet.yml:16:15: at most one of \"url\" and \"url_file\" may be given",
                "martlet.yml:18:11: receiver \"pager\" is already defined at 17:5",
                "martlet.yml:19:5: missing field \"name\"",
                "martlet.yml:19:5: unknown field \"webhook_config\" (did you mean \"webhook_configs\"?)",
            ]
        )
    }

    @Test func `warns of sections that have no effect yet`() throws {
        let (configuration, warnings) = try load(
            """
            receivers: [{name: a}]
            inhibit_rules: []
            templates: [a]
            time_intervals: []
            alerting: {alertmanagers: []}
            """
        )
        #expect(configuration.route == nil)
        #expect(warnings.count == 2, "\(warnings)")
        #expect(warnings.first == "martlet.yml:1:12: warning: receivers are told nothing without a \"route\"")
    }

    @Test func `tells nobody when nothing is configured`() throws {
        let (configuration, warnings) = try load("")
        #expect(configuration == NotificationConfiguration())
        #expect(warnings.isEmpty)
    }
}
