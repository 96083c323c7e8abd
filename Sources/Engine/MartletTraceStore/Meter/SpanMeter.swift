import MartletCore
import MartletEvents

/// Counts spans as they come: rate, errors and durations by operation, and calls between services.
///
/// Both are bounded: operations beyond ``operationsMax`` count under one name, and of two sides of a call that come far
/// apart the earlier may be forgotten.
struct SpanMeter: Sendable {
    /// How many operations have a count of their own.
    static let operationsMax = 2000

    /// How many spans wait for the other side of their call, twice.
    static let waitingMax = 10_000

    /// The name of operations that have no count of their own.
    static let otherOperations = "(other operations)"

    private struct Side: Sendable {
        var service: UInt32
        var isFailed: Bool
        var seconds: Double
    }

    private var texts = TextTable()
    private var entryOf: [UInt64: Int] = [:]
    private(set) var measurements: [SpanMeasurement] = []
    private var callOf: [UInt64: Int] = [:]
    private(set) var calls: [CallMeasurement] = []
    private var clients: [UInt64: Side] = [:]
    private var olderClients: [UInt64: Side] = [:]
    private var servers: [UInt64: [Side]] = [:]
    private var olderServers: [UInt64: [Side]] = [:]

    /// How many sides of calls were forgotten before the other came.
    private(set) var forgotten = 0

    mutating func add(_ parsed: ParsedSpans) {
        let services = parsed.origins.map { texts.intern(parsed.bytes.span.extracting($0.service.range)) }
        for row in parsed.rows {
            let service = services[Int(row.origin)]
            let seconds = Double(max(0, row.end &- row.start)) / 1e9
            let entry = entry(service, parsed.bytes.span.extracting(row.name.range), row.kind, row.status)
            measurements[entry].add(seconds, row.trace, row.start)
            let side = Side(service: service, isFailed: row.status == SpanStatus.Code.error.rawValue, seconds: seconds)
            switch SpanKind(rawValue: row.kind) {
            case .client, .producer: addClient(row.span, side)
            case .server, .consumer: if row.parent != 0 { addServer(row.parent, side) }
            case .internal, .unspecified, nil: break
            }
        }
    }

    private mutating func entry(_ service: UInt32, _ name: Span<UInt8>, _ kind: UInt8, _ status: UInt8) -> Int {
        let isFull = measurements.count >= Self.operationsMax
        let nameCode = isFull ? texts.find(name) : texts.intern(name)
        func key(_ code: UInt32) -> UInt64 {
            UInt64(service) << 38 | UInt64(code) << 6 | UInt64(kind) << 2 | UInt64(status)
        }
        if let nameCode, let known = entryOf[key(nameCode)] { return known }
        let code = isFull ? texts.intern(Array(Self.otherOperations.utf8).span) : nameCode ?? 0
        if let known = entryOf[key(code)] { return known }
        // Services are as many as senders name: past twice the bound, all that is new counts as one.
        if measurements.count >= 2 * Self.operationsMax, let last = entryOf[0] { return last }
        if measurements.count >= 2 * Self.operationsMax {
            measurements.append(measurement("", Self.otherOperations, 0, 0))
            entryOf[0] = measurements.count - 1
            return measurements.count - 1
        }
        measurements.append(measurement(texts.text(service), texts.text(code), kind, status))
        entryOf[key(code)] = measurements.count - 1
        return measurements.count - 1
    }

    private func measurement(_ service: String, _ name: String, _ kind: UInt8, _ status: UInt8) -> SpanMeasurement {
        SpanMeasurement(
            service: service,
            operation: name,
            kind: SpanKind(rawValue: kind) ?? .unspecified,
            status: SpanStatus.Code(rawValue: status) ?? .unset
        )
    }

    // MARK: Calls

    private mutating func addClient(_ span: UInt64, _ side: Side) {
        for server in (servers.removeValue(forKey: span) ?? []) + (olderServers.removeValue(forKey: span) ?? []) {
            add(side, server)
        }
        if clients.count >= Self.waitingMax { (olderClients, clients) = (clients, [:]) }
        // A producer may have several consumers, so that it stays.
        clients[span] = side
    }

    private mutating func addServer(_ parent: UInt64, _ side: Side) {
        if let client = clients[parent] ?? olderClients[parent] { return add(client, side) }
        if servers.count >= Self.waitingMax {
            forgotten += olderServers.count
            (olderServers, servers) = (servers, [:])
        }
        if servers[parent, default: []].count < 100 { servers[parent, default: []].append(side) }
    }

    private mutating func add(_ client: Side, _ server: Side) {
        let key = UInt64(client.service) << 32 | UInt64(server.service)
        var place = callOf[key] ?? -1
        if place < 0 {
            guard calls.count < Self.operationsMax else { return forgotten += 1 }
            calls.append(CallMeasurement(client: texts.text(client.service), server: texts.text(server.service)))
            place = calls.count - 1
            callOf[key] = place
        }
        calls[place].calls += 1
        if client.isFailed || server.isFailed { calls[place].errors += 1 }
        calls[place].seconds += server.seconds
    }
}
