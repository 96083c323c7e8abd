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

    private var texts = TextTable()
    private var entryOf = NumberMap()
    private(set) var measurements: [SpanMeasurement] = []
    /// The entry of all services and operations that are too many.
    private var lastEntry: Int?
    private var callOf = NumberMap()
    private(set) var calls: [CallMeasurement] = []
    private var clients = WaitingSides()
    private var olderClients = WaitingSides()
    private var servers = WaitingSides()
    private var olderServers = WaitingSides()

    private var met: [WaitingSides.Side] = []

    /// How many sides of calls were forgotten before the other came.
    private(set) var forgotten = 0

    mutating func add(_ parsed: ParsedSpans) {
        var services: [UInt32] = []
        for origin in parsed.origins {
            services.append(texts.intern(parsed.bytes.span.extracting(origin.service.range)))
        }
        for row in parsed.rows {
            let service = services[Int(row.origin)]
            let nanoseconds = max(0, row.end &- row.start)
            let seconds = Double(nanoseconds) / 1e9
            let entry = entry(service, parsed.bytes.span.extracting(row.name.range), row.kind, row.status)
            measurements[entry].add(nanoseconds, seconds, row.trace, row.start)
            let side = WaitingSides.Side(service: service, isFailed: row.status == 2, seconds: seconds)
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
        if let nameCode, let known = entryOf[key(nameCode)] { return Int(known) }
        let code = isFull ? texts.intern(Array(Self.otherOperations.utf8).span) : nameCode ?? 0
        if let known = entryOf[key(code)] { return Int(known) }
        // Services are as many as senders name: past twice the bound, all that is new counts as one.
        if measurements.count >= 2 * Self.operationsMax {
            if let lastEntry { return lastEntry }
            measurements.append(measurement("", Self.otherOperations, 0, 0))
            lastEntry = measurements.count - 1
            return measurements.count - 1
        }
        measurements.append(measurement(texts.text(service), texts.text(code), kind, status))
        entryOf.insert(key(code), UInt32(measurements.count - 1))
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

    private mutating func addClient(_ span: UInt64, _ side: WaitingSides.Side) {
        met.removeAll(keepingCapacity: true)
        servers.take(span, into: &met)
        olderServers.take(span, into: &met)
        for place in met.indices { add(side, met[place]) }
        if clients.count >= Self.waitingMax { (olderClients, clients) = (clients, WaitingSides()) }
        // A producer may have several consumers, so that it stays.
        _ = clients.insert(span, side, isOnly: true)
    }

    private mutating func addServer(_ parent: UInt64, _ side: WaitingSides.Side) {
        if let client = clients.first(parent) ?? olderClients.first(parent) { return add(client, side) }
        if servers.count >= Self.waitingMax {
            forgotten += olderServers.waiting
            (olderServers, servers) = (servers, WaitingSides())
        }
        if !servers.insert(parent, side, isOnly: false) { forgotten += 1 }
    }

    private mutating func add(_ client: WaitingSides.Side, _ server: WaitingSides.Side) {
        let key = UInt64(client.service) << 32 | UInt64(server.service)
        let place: Int
        if let known = callOf[key] {
            place = Int(known)
        } else {
            guard calls.count < Self.operationsMax else { return forgotten += 1 }
            calls.append(CallMeasurement(client: texts.text(client.service), server: texts.text(server.service)))
            place = calls.count - 1
            callOf.insert(key, UInt32(place))
        }
        calls[place].calls += 1
        if client.isFailed || server.isFailed { calls[place].errors += 1 }
        calls[place].seconds += server.seconds
    }
}
