import MartletAudit
import MartletCore
import MartletHTTPServer
import Synchronization

/// Takes audit events, answers what was done by whom, and proves that nothing was changed.
struct AuditAPI: Sendable {
    /// How many events one request may bring, and one answer may have.
    static let eventsMax = 10_000

    let audit: AuditService

    func addRoutes(to router: inout Router) {
        add("POST", "", to: &router) { request, _ in try append(request) }
        add("GET", "/records", to: &router) { request, _ in try records(Parameters(request)) }
        add("GET", "/export", to: &router) { request, _ in try export(Parameters(request)) }
        add("GET", "/report", to: &router) { request, _ in try compliance(Parameters(request)) }
        add("GET", "/head", to: &router) { _, _ in try head() }
        for method in ["GET", "POST"] {
            add(method, "/verify", to: &router) { request, _ in try verify(Parameters(request)) }
        }
        add("GET", "/proof/{number}", to: &router) { _, values in try proof(values["number"] ?? "") }
        add("GET", "/holds", to: &router) { _, _ in try holds() }
        add("POST", "/holds", to: &router) { request, _ in try hold(Parameters(request)) }
        add("DELETE", "/holds/{id}", to: &router) { request, values in try lift(values["id"] ?? "", Parameters(request))
        }
    }

    private func add(
        _ method: String,
        _ path: String,
        to router: inout Router,
        _ handler: @escaping @Sendable (HTTPRequest, [String: String]) throws -> HTTPResponse
    ) {
        router.add(method, path: "/api/v1/audit" + path) { request, values in
            do {
                return try handler(request, values)
            } catch let error as APIError {
                return error.response
            } catch let error as AuditError {
                let kind: APIError.Kind =
                    switch error {
                    case .unavailable: .unavailable
                    case .invalid: .badData
                    case .notFound: .notFound
                    case .damaged: .internalError
                    }
                var response = APIError(kind: kind, message: error.description).response
                if kind == .unavailable { response.headers["Retry-After"] = "5" }
                return response
            } catch {
                return APIError(kind: .internalError, message: "\(error)").response
            }
        }
    }

    static func success(_ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { object in
            object.member("status", "success")
            object.key("data")
            write(&object)
        }
        return .json(writer.bytes)
    }

    // MARK: Events in

    /// Takes JSON Lines; all events of a request become durable together, or none.
    private func append(_ request: HTTPRequest) throws -> HTTPResponse {
        var events: [[UInt8]] = []
        for (index, line) in request.body.split(separator: 0x0a).enumerated() {
            let bytes = line.last == 0x0d ? Array(line.dropLast()) : Array(line)
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONParser.parse(bytes)
            } catch {
                throw APIError(kind: .badData, message: "line \(index + 1): \(error)")
            }
            for key in ["actor", "operation", "outcome"] where (value[key]?.text ?? "").isEmpty {
                throw APIError(kind: .badData, message: "line \(index + 1): an audit event needs a text \"\(key)\"")
            }
            events.append(bytes)
        }
        guard events.count <= Self.eventsMax else {
            throw APIError(kind: .badData, message: "a request may bring \(Self.eventsMax) events; got \(events.count)")
        }
        guard !events.isEmpty else { throw APIError(kind: .badData, message: "the body has no event: send JSON Lines") }
        let first = try audit.ledgerToWrite().append(events)
        return Self.success { writer in
            writer.object { object in
                object.member("first", Int64(clamping: first))
                object.member("last", Int64(clamping: first) + Int64(events.count) - 1)
            }
        }
    }

    // MARK: Events out

    /// Hands matching events over until the body says it is enough.
    func find(
        _ filter: AuditRecordFilter,
        after number: UInt64,
        _ body: (UInt64, Int64, JSONValue, [UInt8]) -> Bool
    ) throws(AuditError) {
        try audit.ledgerToRead()?.read(from: number + 1) { number, time, span in
            let bytes = (0..<span.count).map { span[$0] }
            let value = (try? JSONParser.parse(bytes)) ?? .null
            guard filter.matches(value, bytes, taken: time) else { return true }
            return body(number, time, value, bytes)
        }
    }

    private func records(_ parameters: Parameters) throws -> HTTPResponse {
        let filter = try AuditRecordFilter(parameters)
        let limit = min(max(1, try parameters.integer("limit") ?? 100), Self.eventsMax)
        let after = UInt64(max(0, try parameters.integer("after") ?? 0))
        var found: [[UInt8]] = []
        var last = after
        var hasMore = false
        try find(filter, after: after) { number, time, _, bytes in
            guard found.count < limit else {
                hasMore = true
                return false
            }
            found.append(Self.line(number, time, bytes))
            last = number
            return true
        }
        let (lines, next) = (found, hasMore ? last : nil)
        return Self.success { writer in
            writer.object { object in
                object.key("records")
                object.array(lines) { $0.raw(String(decoding: $1, as: UTF8.self)) }
                object.key("next")
                if let next { object.integer(Int64(clamping: next)) } else { object.null() }
            }
        }
    }

    /// The event with its number and the time it was taken before its own members.
    static func line(_ number: UInt64, _ time: Int64, _ event: [UInt8]) -> [UInt8] {
        let taken = RFC3339.string(nanosecondsSinceEpoch: time, fractionDigits: 9)
        let head = Array("{\"number\":\(number),\"taken\":\"\(taken)\",".utf8)
        let isObject = event.first == UInt8(ascii: "{") && event.count > 2
        if isObject { return head + event.dropFirst() }
        return head + Array("\"event\":\(JSONText.quoted(String(decoding: event, as: UTF8.self)))}".utf8)
    }

    private func export(_ parameters: Parameters) throws -> HTTPResponse {
        let filter = try AuditRecordFilter(parameters)
        let isCSV = parameters["format"] == "csv"
        guard isCSV || (parameters["format"] ?? "jsonl") == "jsonl" else {
            throw APIError.badParameter("format", "it is jsonl or csv")
        }
        let type = isCSV ? "text/csv; charset=utf-8" : "application/x-ndjson"
        let export = AuditExport(api: self, filter: filter, isCSV: isCSV)
        return HTTPResponse(status: 200, headers: ["Content-Type": type], body: .chunks { try export.next() })
    }

    private func compliance(_ parameters: Parameters) throws -> HTTPResponse {
        let filter = try AuditRecordFilter(parameters)
        let keys =
            parameters["by"].map { $0.split(separator: ",").map(String.init) } ?? ["actor", "operation", "outcome"]
        for key in keys where !AuditRecordFilter.keys.contains(key) {
            throw APIError.badParameter("by", "\"\(key)\" is none of \(AuditRecordFilter.keys.joined(separator: ", "))")
        }
        var report = AuditCompliance(keys)
        try find(filter, after: 0) { number, time, value, _ in
            report.add(value, number, time)
            return true
        }
        let finished = report
        return Self.success { finished.write(to: &$0) }
    }

    // MARK: Proof

    private func head() throws -> HTTPResponse {
        guard let head = try audit.ledgerToRead()?.checkpoint() else {
            throw APIError(kind: .notFound, message: "there are no audit events yet")
        }
        return Self.success { $0.raw(head.line) }
    }

    private func verify(_ parameters: Parameters) throws -> HTTPResponse {
        guard try audit.ledgerToRead() != nil else {
            throw APIError(kind: .notFound, message: "there are no audit events yet")
        }
        let bytes = try Self.report(audit.configuration.directory, head: parameters["head"], key: parameters["key"])
        return Self.success { $0.raw(String(decoding: bytes, as: UTF8.self)) }
    }

    static func report(_ directory: String, head: String?, key: String?) throws -> [UInt8] {
        let known = try head.map { text in
            guard let head = AuditHead(line: text) else {
                throw AuditError.invalid("the head is not the line of JSON that was published")
            }
            return head
        }
        let secret = try key.map { text in
            guard let key = AuditKey(line: text) else {
                throw AuditError.invalid("the key is not a number, a blank and 64 hexadecimal digits")
            }
            return key
        }
        let report = try AuditVerifier(directory, hashing: AuditHashes()).verify(head: known, key: secret)
        var writer = JSONWriter()
        report.write(to: &writer)
        return writer.bytes
    }

    private func proof(_ text: String) throws -> HTTPResponse {
        guard let number = UInt64(text), let ledger = try audit.ledgerToRead() else {
            throw APIError(kind: .notFound, message: "there is no event \"\(text)\"")
        }
        let proof = try ledger.proof(of: number)
        return Self.success { proof.write(to: &$0) }
    }

    // MARK: Holds

    private func holds() throws -> HTTPResponse {
        let holds = try audit.ledgerToRead()?.holds ?? []
        return Self.success { $0.array(holds) { $1.write(to: &$0) } }
    }

    private func hold(_ parameters: Parameters) throws -> HTTPResponse {
        guard let reason = parameters["reason"], let actor = parameters["actor"] else {
            throw APIError(kind: .badData, message: "a hold needs \"reason\" and \"actor\"")
        }
        let now = audit.clock.nanosecondsSinceEpoch
        let hold = AuditHold(
            id: parameters["id"] ?? "hold-\(now / 1_000_000)",
            start: try parameters.time("start").map { $0 * 1_000_000 } ?? 0,
            end: try parameters.time("end").map { $0 * 1_000_000 } ?? now,
            reason: reason,
            actor: actor,
            created: now
        )
        let ledger = try audit.ledgerToWrite()
        // The order is told of before it is given, so that none stands without its record.
        try ledger.append([
            AuditEvent(
                actor: actor,
                operation: "audit.hold",
                resource: hold.id,
                outcome: "success",
                reason: reason,
                component: "audit"
            )
            .json(time: now)
        ])
        try ledger.add(hold)
        return Self.success { hold.write(to: &$0) }
    }

    private func lift(_ id: String, _ parameters: Parameters) throws -> HTTPResponse {
        guard let ledger = try audit.ledgerToRead(), ledger.holds.contains(where: { $0.id == id }) else {
            throw APIError(kind: .notFound, message: "there is no hold \"\(id)\"")
        }
        let event = AuditEvent(
            actor: parameters["actor"] ?? "unknown",
            operation: "audit.unhold",
            resource: id,
            outcome: "success",
            reason: parameters["reason"] ?? "",
            component: "audit"
        )
        try ledger.append([event.json(time: audit.clock.nanosecondsSinceEpoch)])
        try ledger.removeHold(id)
        return HTTPResponse(status: 204)
    }
}
