import MartletCore
import MartletHTTPServer
import MartletHealth
import Synchronization

/// The health of the server over HTTP: what its monitor knows, told without running a check.
final class ServerHealth: Sendable {
    let monitor: HealthMonitor
    private let isAlways200: Bool
    private let isServing = Atomic(false)

    /// How many changes of state one answer has at most.
    private static let changesMax = 1000

    init(_ monitor: HealthMonitor, isAlways200: Bool = false) {
        self.monitor = monitor
        self.isAlways200 = isAlways200
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
        router.add("GET", path: "/health/history") { request, _ in self.history(Parameters(request)) }
        router.add("GET", path: "/health/checks/{name}") { _, values in self.check(values["name"] ?? "") }
        router.add("GET", path: "/-/healthy") { _, _ in .text("Martlet is healthy.\n") }
        router.add("GET", path: "/-/ready") { _, _ in
            self.isReady ? .text("Martlet is ready.\n") : .text("Martlet is not ready.\n", status: 503)
        }
    }

    private func report() -> HTTPResponse {
        let report = monitor.report
        return .json(Array(report.json().utf8), status: report.httpStatusCode(isAlways200: isAlways200))
    }

    private func history(_ parameters: Parameters) -> HTTPResponse {
        do {
            let changes = monitor.history(since: try Self.since(parameters), check: parameters["check"])
            let texts = changes.suffix(min(try parameters.limit(), Self.changesMax)).map(\.json)
            return .json(Array("{\"history\":[\(texts.joined(separator: ","))]}".utf8))
        } catch {
            return error.response
        }
    }

    /// The time of `since`: a time, or a duration such as `1h` that counts back from now.
    private static func since(_ parameters: Parameters) throws(APIError) -> Int64 {
        guard let text = parameters["since"] else { return .min }
        if Double(text) == nil, let back = DurationText.milliseconds(text) {
            return SystemWallClock().millisecondsSinceEpoch - back
        }
        return try parameters.time("since") ?? .min
    }

    /// One check with its last runs.
    private func check(_ name: String) -> HTTPResponse {
        guard let record = monitor.report.checks.first(where: { $0.name == name }) else {
            let text = JSONText.quoted("no check is named \"\(name)\"; GET /health lists them")
            return .json(Array("{\"status\":\"error\",\"error\":\(text)}".utf8), status: 404)
        }
        let runs = monitor.runs(of: name).map(\.json).joined(separator: ",")
        return .json(Array("{\"check\":\(record.json),\"runs\":[\(runs)]}".utf8))
    }

    private func word(isGood: Bool, _ word: String) -> HTTPResponse {
        .json(Array("{\"status\":\(JSONText.quoted(word))}".utf8), status: isGood ? 200 : 503)
    }
}
