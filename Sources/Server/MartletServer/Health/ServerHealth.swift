import MartletCore
import MartletHTTPServer
import Synchronization

/// How the server is, told without waiting for anything: each check reads what others have left behind.
final class ServerHealth: Sendable {
    /// How well a part works, from well to not at all.
    enum Status: String, Comparable, CaseIterable {
        case healthy, degraded, unhealthy, critical

        static func < (left: Status, right: Status) -> Bool { left.rank < right.rank }

        private var rank: Int { Status.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What one check found.
    struct Finding {
        var status: Status
        var message: String

        static func healthy(_ message: String) -> Finding { Finding(status: .healthy, message: message) }
    }

    /// One part that is looked at; the closure must not block.
    struct Check: Sendable {
        let name: String
        let isCritical: Bool
        let run: @Sendable () -> Finding
    }

    private let clock: any WallClock
    private let checks: [Check]
    private let isServing = Atomic(false)

    init(clock: any WallClock, checks: [Check]) {
        self.clock = clock
        self.checks = checks
    }

    /// Whether the server has started and is not yet stopping.
    var isReady: Bool { isServing.load(ordering: .acquiring) }

    /// Says that the server has started, or that it begins to stop.
    func setReady(_ isReady: Bool) {
        isServing.store(isReady, ordering: .releasing)
    }

    /// Adds the health routes; they are the same on every listener.
    func addRoutes(to router: inout Router) {
        router.add("GET", path: "/health") { _, _ in self.report() }
        router.add("GET", path: "/health/live") { _, _ in self.word(isGood: true, "live") }
        router.add("GET", path: "/health/ready") { _, _ in
            self.word(isGood: self.isReady, self.isReady ? "ready" : "not ready")
        }
        router.add("GET", path: "/-/healthy") { _, _ in .text("Martlet is healthy.\n") }
        router.add("GET", path: "/-/ready") { _, _ in
            self.isReady ? .text("Martlet is ready.\n") : .text("Martlet is not ready.\n", status: 503)
        }
    }

    /// The worst of the critical checks; the others make it degraded at most.
    static func overall(_ findings: [(isCritical: Bool, status: Status)]) -> Status {
        findings.map { $0.isCritical ? $0.status : min($0.status, .degraded) }.max() ?? .healthy
    }

    private func report() -> HTTPResponse {
        let now = clock.millisecondsSinceEpoch
        let findings = checks.map { ($0, $0.run()) }
        let overall = Self.overall(findings.map { ($0.isCritical, $1.status) })
        var writer = JSONWriter()
        writer.object {
            $0.member("status", overall.rawValue)
            $0.member("timestamp", now)
            $0.key("checks")
            $0.array(findings) { writer, entry in
                let (check, finding) = entry
                writer.object {
                    $0.member("name", check.name)
                    $0.member("status", finding.status.rawValue)
                    $0.member("critical", check.isCritical)
                    $0.member("message", finding.message)
                    $0.member("last_check", now)
                }
            }
        }
        return .json(writer.bytes, status: overall <= .degraded ? 200 : 503)
    }

    private func word(isGood: Bool, _ word: String) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { $0.member("status", word) }
        return .json(writer.bytes, status: isGood ? 200 : 503)
    }
}
