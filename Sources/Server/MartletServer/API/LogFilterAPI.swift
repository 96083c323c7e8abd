import MartletAudit
import MartletCore
import MartletHTTPServer
import MartletLogging

/// Which levels the server itself logs, shown and changed while it runs, with `--enable-admin-api`.
struct LogFilterAPI: Sendable {
    static let path = "/api/v1/admin/log_filter"

    let levels: LogLevels
    let audit: AuditService
    let logger: Logger

    func addRoutes(to router: inout Router) {
        router.add("GET", path: Self.path) { _, _ in answer() }
        router.add("POST", "PUT", path: Self.path) { request, _ in
            guard let text = Parameters(request)["filter"] else {
                return APIError.badParameter("filter", "it is missing; give a filter such as info,scrape=debug")
                    .response
            }
            do throws(LogFilterError) {
                set(try LogFilter(parsing: text), by: request.remoteAddress)
                return answer()
            } catch {
                return APIError.badParameter("filter", "\(error)").response
            }
        }
    }

    private func set(_ filter: LogFilter, by client: String) {
        let before = levels.filter
        levels.filter = filter
        logger.warn(
            "the log filter was changed",
            ["before": .string("\(before)"), "filter": .string("\(filter)"), "client": .string(client)]
        )
        audit.record(
            AuditEvent(
                actor: client,
                operation: "log_filter.set",
                resource: "\(filter)",
                outcome: "success",
                reason: "it was \(before)",
                component: "server"
            )
        )
    }

    private func answer() -> HTTPResponse {
        LogJSON.success { writer in writer.object { $0.member("filter", "\(levels.filter)") } }
    }
}
