import Foundation
import MartletAlerting
import MartletConfiguration
import MartletPatterns
import MartletSeries
import Testing

@Suite("Notification in a configuration")
struct NotificationSectionTests {
    private func read(_ text: String, file: String = "martlet.yml") throws -> NotificationConfiguration {
        var notification = NotificationConfiguration()
        _ = try ConfigurationLoader.load(text: text, file: file, environment: [:], patterns: RE2Patterns()) {
            notification = NotificationLoader.read($0.alertingSections, $1)
        }
        return notification
    }

    private func problems(_ text: String, file: String = "martlet.yml") -> [String] {
        do {
            _ = try read(text, file: file)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func `other Alertmanagers are read with all keys`() throws {
        let external = try read(
            """
            alerting:
              alert_relabel_configs: [{action: labeldrop, regex: replica}]
              alertmanagers:
                - scheme: https
                  path_prefix: /am
                  timeout: 3s
                  api_version: v2
                  basic_auth: {username: u, password: p}
                  static_configs: [{targets: ['a:9093', 'b:9093']}, {targets: ['c:9093']}]
                  file_sd_configs: [{files: [am/*.yml], refresh_interval: 30s}]
                  relabel_configs: [{source_labels: [__address__], regex: 'c:.*', action: drop}]
                  alert_relabel_configs: [{target_label: site, replacement: berlin}]
                - static_configs: [{targets: ['d:9093']}]
            """
        ).alertmanagers
        #expect(external.alertRelabelRules.count == 1)
        #expect(external.groups.count == 2)
        let group = try #require(external.groups.first)
        #expect(group.scheme == "https")
        #expect(group.pathPrefix == "/am")
        #expect(group.timeout == .seconds(3))
        #expect(group.targets == ["a:9093", "b:9093", "c:9093"])
        #expect(group.files.map(\.refreshInterval) == [.seconds(30)])
        #expect(group.relabelRules.count == 1 && group.alertRelabelRules.count == 1)
        #expect(external.groups[1].scheme == "http")
        #expect(external.groups[1].timeout == .seconds(10))
        #expect(external.groups[1].targets == ["d:9093"])
        #expect(
            problems("alerting: {alertmanagers: [{scheme: ftp, api_version: v1}]}") == [
                "martlet.yml:1:37: scheme must be http or https",
                "martlet.yml:1:55: api_version \"v1\" is not supported; supported is v2",
            ]
        )
    }

    @Test func `rules of inhibition are read in both spellings`() throws {
        let rules = try read(
            """
            inhibit_rules:
              - name: node
                source_matchers: ['alertname="NodeDown"', severity=~"page|critical"]
                target_matchers: [severity!="page"]
                equal: [instance, job]
              - source_match: {alertname: Net}
                target_match: {tier: edge}
                target_match_re: {site: b.*}
            """
        ).inhibitions
        #expect(rules.count == 2)
        #expect(rules[0].equal == ["instance", "job"])
        #expect(rules[0].sourceMatchers.map(\.name) == ["alertname", "severity"])
        #expect(rules[0].targetMatchers.map(\.operation) == [.notEqual])
        #expect(rules[1].sourceMatchers.map(\.value) == ["Net"])
        #expect(Set(rules[1].targetMatchers.map(\.name)) == ["tier", "site"])
        #expect(rules[1].targetMatchers.first { $0.name == "site" }?.matches("berlin") == true)
        #expect(rules[1].equal.isEmpty)
        let bad = problems("inhibit_rules: [{target_match_re: {site: 'b('}}]")
        #expect(bad.count == 1 && bad[0].hasPrefix("martlet.yml:1:36: bad regular expression \"b(\": "), "\(bad)")
    }

    @Test func `files of templates are read, and what is wrong with one is told`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "martlet.yml").path
        try Data("{{ define \"a\" }}{{ .Status }}{{ end }}".utf8).write(to: folder.appending(path: "a.tmpl"))
        let found = try read("templates: ['*.tmpl']", file: file).templates
        #expect(found.map(\.name) == [folder.appending(path: "a.tmpl").path])
        #expect(found.map(\.text) == ["{{ define \"a\" }}{{ .Status }}{{ end }}"])
        try Data("{{ if }".utf8).write(to: folder.appending(path: "b.tmpl"))
        let bad = problems("templates: ['*.tmpl']", file: file)
        #expect(bad.count == 1 && bad[0].hasPrefix("\(file):1:13: bad template: "), "\(bad)")
        try FileManager.default.createDirectory(at: folder.appending(path: "c.txt"), withIntermediateDirectories: true)
        let unreadable = problems("templates: [c.txt]", file: file)
        #expect(unreadable.count == 1 && unreadable[0].contains("cannot read template file "), "\(unreadable)")
    }
}
