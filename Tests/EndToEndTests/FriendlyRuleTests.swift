import Foundation
import Testing

/// Rules in words, and health, as users of the binary meet them.
@Suite("Rules in words", .fewAtOnce)
struct FriendlyRuleTests {
    @Test func `rules explain shows conditions and whole files as PromQL`() async throws {
        let condition = try await Tools.run(Tools.martlet, "rules", "explain", "disk_usage > 90%")
        #expect(condition.output == "system_filesystem_utilization_ratio > 0.9 or disk_usage / 100 > 0.9\n")
        let average = try await Tools.run(
            Tools.martlet,
            "rules",
            "explain",
            "--metric",
            "response_time",
            "--window",
            "10m",
            "avg > 1000"
        )
        #expect(
            average.output
                == "sum(increase(response_time_sum[10m])) / sum(increase(response_time_count[10m])) > 1000\n"
        )
        let bad = try await Tools.run(Tools.martlet, "rules", "explain", "memory_usage > 80")
        #expect(bad.status == 1)
        #expect(bad.error.contains("1:16: memory_usage is a share from 0 through 1; write 80% or 0.8"))
        let folder = try Folder()
        let file = try folder.write(
            "martlet.yml",
            """
            alerts:
              - {name: full, condition: "queue_depth > 5", severity: critical, duration: 60000, evaluation_interval: 2s}
            """
        )
        let listed = try await Tools.run(Tools.martlet, "rules", "explain", "-o", "csv", file)
        #expect(listed.output.contains("full,critical,1m,2s,queue_depth > 5"))
    }

    @Test func `check config tells of mistakes in rules with their places`() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "martlet.yml",
            """
            alerts:
              channels: [{type: log, name: log}]
              rules:
                - {name: a, condition: "memory_usage > 80", channels: [log]}
                - {name: b, condition: "depth > 5", channels: [lgo]}
            """
        )
        let (status, output, error) = try await Tools.run(Tools.martlet, "check", "config", file)
        let lines = (output + error).split(separator: "\n").filter { $0.contains("martlet.yml:") }
        #expect(status == 1)
        #expect(lines.count == 2, "\(output)\(error)")
        #expect(lines.first?.contains("martlet.yml:4:44: memory_usage is a share") == true)
        #expect(lines.last?.contains("unknown channel \"lgo\" (did you mean \"log\"?)") == true)
    }

    @Test func `a rule in words fires in the server, and a dependency that is gone shows in its health`() async throws {
        let port = try Tools.freePort()
        let server = try await ServerUnderTest(
            configuration: """
                health:
                  interval: 1s
                  timeout: 500ms
                  checks: [{name: cache, tcp: "127.0.0.1:\(port)", critical: true}]
                alerts:
                  - name: cache_gone
                    condition: {HealthCheckFailure: {check_name: cache, consecutive_failures: 2}}
                    severity: critical
                    evaluation_interval: 1s
                """
        )
        let report = try await eventually("the dependency is not healthy") {
            let response = try await server.send("GET", "/health")
            let report = try JSON(String(decoding: response.body, as: UTF8.self))
            return report["status"].text == "unhealthy" && response.status == 503 ? report : nil
        }
        #expect(report["checks"].elements.contains { $0["name"].text == "cache" && $0["kind"].text == "dependency" })
        _ = try await eventually("the rule fires") {
            let alerts = try JSON(try await server.get("/api/v1/alerts"))["data"]["alerts"].elements
            return alerts.contains { $0["labels"]["alertname"].text == "cache_gone" && $0["state"].text == "firing" }
                ? true : nil
        }
        #expect(try await server.get("/health/history", [("check", "cache")]).contains("\"from\":\"healthy\""))
        #expect(try await server.get("/health/checks/cache").contains("cannot connect to"))
    }
}
