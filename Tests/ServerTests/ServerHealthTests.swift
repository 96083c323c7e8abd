import MartletCore
import MartletHTTPServer
import MartletHealth
import Testing

@testable import MartletServer

@Suite("Health over HTTP")
struct ServerHealthTests {
    private func answer(_ health: ServerHealth, _ path: String, _ query: String = "") -> (status: Int, text: String) {
        var router = Router()
        health.addRoutes(to: &router)
        let request = HTTPRequest(method: "GET", path: path, query: FormEncoding.decode(query))
        guard case .handler(let handler, let values, _) = router.match(request) else { return (404, "no route") }
        let response = handler(request, values)
        guard case .bytes(let bytes) = response.body else { return (response.status, "") }
        return (response.status, String(decoding: bytes, as: UTF8.self))
    }

    @Test func `a hundred questions run no check and tell what the last run found`() async {
        let monitor = HealthMonitor()
        monitor.register("cache", isCritical: true) { .unhealthy("no answer") }
        let health = ServerHealth(monitor)
        await monitor.runAllChecks()
        for _ in 0..<100 {
            let (status, text) = answer(health, "/health")
            #expect(status == 503)
            #expect(text.hasPrefix(#"{"status":"unhealthy","healthy":false"#))
        }
        #expect(monitor.report.checks[0].runCount == 1)
        #expect(answer(ServerHealth(monitor, isAlways200: true), "/health").status == 200)
    }

    @Test func `readiness follows the server's life and liveness does not`() {
        let health = ServerHealth(HealthMonitor())
        #expect(answer(health, "/health/ready") == (503, #"{"status":"not ready"}"#))
        #expect(answer(health, "/-/ready") == (503, "Martlet is not ready.\n"))
        health.setReady(true)
        #expect(answer(health, "/health/ready") == (200, #"{"status":"ready"}"#))
        #expect(answer(health, "/-/ready") == (200, "Martlet is ready.\n"))
        #expect(answer(health, "/health/live") == (200, #"{"status":"live"}"#))
        #expect(answer(health, "/-/healthy") == (200, "Martlet is healthy.\n"))
    }

    @Test func `changes and the last runs of a check can be asked for`() async {
        let monitor = HealthMonitor()
        monitor.register("cache") { .failed("no answer") }
        let health = ServerHealth(monitor)
        await monitor.runAllChecks()
        let (status, text) = answer(health, "/health/history", "check=cache&since=2020-01-01T00:00:00Z")
        #expect(status == 200)
        #expect(text.contains(#""check":"cache","from":"healthy","to":"degraded","message":"no answer"}]}"#))
        #expect(answer(health, "/health/history", "since=4e9").text == #"{"history":[]}"#)
        #expect(answer(health, "/health/history", "since=yesterday").status == 400)
        let runs = answer(health, "/health/checks/cache")
        #expect(runs.text.contains(#""timed_out":false,"message":"no answer""#))
        #expect(answer(health, "/health/checks/cash").status == 404)
    }
}
