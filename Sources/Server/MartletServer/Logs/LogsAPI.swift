import MartletCore
import MartletEvents
import MartletHTTPServer
import MartletLogStore
import MartletSearch
import Synchronization

/// Answers questions about logs: search, histogram, fields, patterns, context, following and export.
struct LogsAPI: Sendable {
    /// How many records one answer may have.
    static let limitMax = 5000

    /// How many clients may follow at once.
    static let tailsMax = 64

    /// What the paths begin with: `/api/v1/logs` or `/api/v1/audit`.
    let path: String
    let logs: LogService
    let clock: any WallClock
    private let tails = TailCount()

    init(path: String = "/api/v1/logs", logs: LogService, clock: any WallClock) {
        self.path = path
        self.logs = logs
        self.clock = clock
    }

    func addRoutes(to router: inout Router) {
        add("query", to: &router) { request in
            let parameters = Parameters(request)
            var query = try LogParameters.query(parameters, clock)
            query.cursor = try LogParameters.cursor(parameters, "cursor")
            if let from = parameters["from"] {
                guard let number = UInt64(from) else { throw APIError.badParameter("from", "a record's sequence") }
                query.arrivedFrom = min(number, try logs.storeToRead()?.nextSequence ?? 0)
            }
            let answer = try search(query)
            let context = try LogParameters.context(parameters, records: answer.records.count)
            return LogJSON.response(answer, step: query.histogramStep, context: try neighbours(answer.records, context))
        }
        add("histogram", to: &router) { request in
            var query = try LogParameters.query(Parameters(request), clock)
            query.limit = 0
            if query.histogramStep == nil { query.histogramStep = LogParameters.step(of: query) }
            return LogJSON.response(try search(query), step: query.histogramStep)
        }
        add("fields", to: &router) { request in try fields(Parameters(request)) }
        add("patterns", to: &router) { request in
            let parameters = Parameters(request)
            var query = try LogParameters.query(parameters, clock)
            query.search.stage = .patterns(min(max(1, try parameters.integer("patterns") ?? 50), 1000))
            return LogJSON.response(try search(query), step: nil)
        }
        add("context", to: &router) { request in
            let parameters = Parameters(request)
            guard let cursor = try LogParameters.cursor(parameters, "id") else {
                throw APIError.badParameter("id", "a record's id is required")
            }
            let sizes = (
                before: min(try parameters.integer("before") ?? 10, 1000),
                after: min(try parameters.integer("after") ?? 10, 1000)
            )
            let (before, record, after) = try around(cursor, sizes, service: parameters["service"])
            var answer = LogAnswer()
            answer.records = before + record + after
            answer.matched = answer.records.count
            return LogJSON.response(answer, step: nil)
        }
        add("tail", to: &router) { request in try tail(request) }
        add("export", to: &router) { request in try LogExport.response(Parameters(request), logs, clock) }
    }

    private func add(
        _ name: String,
        to router: inout Router,
        _ handler: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
    ) {
        router.add("GET", "POST", path: "\(path)/\(name)") { request, _ in
            do {
                return try handler(request)
            } catch let error as APIError {
                return error.response
            } catch let error as SearchError {
                return APIError(kind: .badData, message: error.description).response
            } catch LogQueryError.pattern(let error) {
                return APIError(kind: .badData, message: LogQueryError.pattern(error).description).response
            } catch {
                return APIError(kind: .unavailable, message: "\(error)").response
            }
        }
    }

    func search(_ query: LogQuery) throws -> LogAnswer {
        // An expression that cannot be understood is refused also where there is nothing to search.
        try logs.storeToRead()?.search(query) ?? LogAnswer()
    }

    // MARK: Fields

    private func fields(_ parameters: Parameters) throws -> HTTPResponse {
        let names = parameters.values(of: "field")
        guard names.isEmpty else {
            var query = try LogParameters.query(parameters, clock)
            query.limit = 0
            query.facets = names.prefix(20).map { LogParameters.field($0) }
            query.facetLimit = min(max(1, try parameters.integer("limit") ?? 20), 1000)
            return LogJSON.response(try search(query), step: nil)
        }
        let fields = try logs.storeToRead()?.fields() ?? []
        return LogJSON.success { writer in
            writer.array(fields) { writer, field in
                writer.object {
                    $0.member("name", field.name)
                    $0.member("resource", field.isOfResource)
                    $0.member("types", strings: field.types)
                }
            }
        }
    }

    // MARK: Context

    /// What stands before and after a record, in the order of time.
    private func around(
        _ cursor: LogCursor,
        _ sizes: (before: Int, after: Int),
        service: String?
    ) throws -> (before: [StoredLog], record: [StoredLog], after: [StoredLog]) {
        var query = LogQuery()
        query.countsAll = false
        if let service {
            query.search.condition = .field(SearchField("service"), .equals(SearchOperand(service)))
        }
        query.cursor = cursor
        query.limit = max(0, sizes.before)
        let before = sizes.before > 0 ? try search(query).records : []
        query.direction = .forward
        query.limit = max(0, sizes.after)
        let after = sizes.after > 0 ? try search(query).records : []
        query.cursor = nil
        query.times = cursor.time...cursor.time
        query.limit = Self.limitMax
        let record = try search(query).records.filter { $0.sequence == cursor.sequence }
        return (before.reversed(), record, after)
    }

    /// The neighbours of each record, from the same service.
    private func neighbours(
        _ records: [StoredLog],
        _ sizes: (before: Int, after: Int)?
    ) throws -> [(before: [StoredLog], after: [StoredLog])]? {
        guard let sizes else { return nil }
        return try records.map { record in
            let found = try around(record.cursor, sizes, service: record.service.isEmpty ? nil : record.service)
            return (found.before, found.after)
        }
    }

    // MARK: Following

    /// How many clients follow.
    private final class TailCount: Sendable {
        private let count = Mutex(0)

        func enter() -> Bool {
            count.withLock { count in
                guard count < LogsAPI.tailsMax else { return false }
                count += 1
                return true
            }
        }

        func leave() { count.withLock { $0 -= 1 } }
    }

    private func tail(_ request: HTTPRequest) throws -> HTTPResponse {
        let parameters = Parameters(request)
        var query = try LogParameters.query(parameters, clock)
        guard query.search.stage == nil else {
            throw APIError.badParameter(
                "query",
                "what is followed cannot be counted; leave out the part behind the bar"
            )
        }
        query.countsAll = false
        query.limit = 1000
        query.times = nil
        query.histogramStep = nil
        query.facets = []
        let next = try logs.storeToRead()?.nextSequence ?? 0
        let last = (request.headers["Last-Event-ID"] ?? parameters["last_event_id"]).flatMap { UInt64($0) }
        // A number that this store never gave is of another one: there is nothing to go on from.
        query.arrivedFrom = last.flatMap { $0 < next ? $0 + 1 : nil } ?? next
        // What is wrong with the expression is said before the stream begins.
        _ = try search(query)
        guard tails.enter() else {
            throw APIError(kind: .unavailable, message: "\(Self.tailsMax) clients follow already; ask again later")
        }
        let stream = EventStream(capacity: 8192, bytesMax: 16 << 20)
        let counter = tails
        stream.onClose { counter.leave() }
        Self.follow(stream, query, logs)
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
            body: .events(stream)
        )
    }

    /// Sends what arrives, looking five times a second.
    private static func follow(_ stream: EventStream, _ query: LogQuery, _ logs: LogService) {
        Task.detached {
            var query = query
            while !stream.isClosed {
                do {
                    if let store = try logs.storeToRead() {
                        let answer = try store.search(query)
                        for record in answer.records {
                            stream.send(data: LogJSON.text(record), id: String(record.sequence))
                        }
                        let isCut = answer.cursor != nil
                        query.arrivedFrom =
                            isCut ? (answer.records.last?.sequence ?? 0) + 1 : max(answer.nextSequence, 0)
                        if isCut { continue }
                    }
                } catch {
                    stream.send(event: "problem", data: "\(error)")
                    stream.close()
                    return
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
