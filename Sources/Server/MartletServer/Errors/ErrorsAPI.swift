import MartletCore
import MartletHTTPServer
import MartletLogging

/// Answers which errors there are, how often, since when, in which release and in which trace.
struct ErrorsAPI: Sendable {
    /// How many groups one answer may have.
    static let limitMax = 1000

    let errors: ErrorService
    let logs: LogService

    func addRoutes(to router: inout Router) {
        router.add("GET", path: "/api/v1/errors") { request, _ in
            do throws(APIError) {
                return try list(Parameters(request))
            } catch {
                return error.response
            }
        }
        router.add("GET", path: "/api/v1/errors/{fingerprint}") { _, values in one(values["fingerprint"] ?? "") }
    }

    private func list(_ parameters: Parameters) throws(APIError) -> HTTPResponse {
        let limit = try parameters.integer("limit") ?? 100
        guard (1...Self.limitMax).contains(limit) else {
            throw .badParameter("limit", "a number from 1 to \(Self.limitMax)")
        }
        let order = parameters["sort"] ?? "last_seen"
        guard ["last_seen", "first_seen", "count"].contains(order) else {
            throw .badParameter("sort", "there are last_seen, first_seen and count; got \"\(order.prefix(40))\"")
        }
        let (start, service, type) = (try parameters.time("start"), parameters["service"], parameters["type"])
        errors.update(from: logs)
        var groups = errors.tracker.groups.filter { group in
            (service == nil || group.service == service) && (type == nil || group.type == type)
                && (start == nil || group.lastSeen >= start ?? 0)
        }
        switch order {
        case "first_seen": groups.sort { $0.firstSeen > $1.firstSeen }
        case "count": groups.sort { $0.count > $1.count }
        default: break
        }
        let found = groups
        return LogJSON.success { writer in
            writer.object {
                $0.member("groups", array: Array(found.prefix(limit))) { Self.append($1, to: &$0) }
                $0.member("matched", found.count)
                $0.member("forgotten", Int(clamping: errors.tracker.forgottenGroups))
                $0.member("passedOver", Int(clamping: errors.passedOver))
            }
        }
    }

    private func one(_ fingerprint: String) -> HTTPResponse {
        errors.update(from: logs)
        guard let group = errors.tracker.groups.first(where: { $0.fingerprint.description == fingerprint }) else {
            let message = "there is no group of errors \"\(fingerprint.prefix(40))\"; GET /api/v1/errors lists them"
            return APIError(kind: .notFound, message: message).response
        }
        let latest = errors.tracker.history.reversed().filter { $0.fingerprint == group.fingerprint }.prefix(100)
        return LogJSON.success { writer in
            writer.object {
                $0.key("group")
                Self.append(group, to: &$0)
                $0.member("latest", array: Array(latest)) { writer, occurrence in
                    writer.object {
                        $0.member("time", Self.time(occurrence.time))
                        $0.member("message", occurrence.message)
                        $0.member("release", occurrence.release)
                        if let context = occurrence.context {
                            $0.member("traceId", context.traceID.description)
                            $0.member("spanId", context.spanID.description)
                        }
                    }
                }
            }
        }
    }

    private static func append(_ group: ErrorGroup, to writer: inout JSONWriter) {
        writer.object {
            $0.member("fingerprint", group.fingerprint.description)
            $0.member("type", group.type)
            $0.member("service", group.service)
            $0.member("component", group.component)
            $0.member("message", group.message)
            $0.member("pattern", ErrorFingerprint.pattern(of: group.message))
            $0.member("count", Int(clamping: group.count))
            $0.member("firstSeen", time(group.firstSeen))
            $0.member("lastSeen", time(group.lastSeen))
            $0.member("firstRelease", group.firstRelease)
            $0.member("lastRelease", group.lastRelease)
            if let context = group.exampleTrace { $0.member("traceId", context.traceID.description) }
        }
    }

    private static func time(_ milliseconds: Int64) -> String {
        let (time, isOver) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return RFC3339.string(nanosecondsSinceEpoch: isOver ? .max : time, fractionDigits: 3)
    }
}
