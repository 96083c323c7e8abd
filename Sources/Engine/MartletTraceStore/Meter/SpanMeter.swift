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
    private var operations: [Operation] = []
    /// By operation: how many took how long.
    private var buckets: [UInt64] = []
    /// By operation: the latest trace of each bucket.
    private var examples: [SpanMeasurement.Example?] = []
    /// The operations that came lately: the upper 48 bits of a seeded hash of what they are told by, which no sender can
    /// plan to share, and their place; all ones for none.
    private var recent = [UInt64](repeating: .max, count: 1 << 14)
    /// The entry of all services and operations that are too many.
    private var lastEntry: Int?
    private var callOf = NumberMap()
    private(set) var calls: [CallMeasurement] = []
    private var clients = WaitingSides()
    private var olderClients = WaitingSides()
    private var servers = WaitingSides()
    private var olderServers = WaitingSides()

    private var met: [WaitingSides.Side] = []
    private let seed = UInt64.random(in: .min ... .max)

    /// An operation, as it is told from others, and its sums.
    private struct Operation: Sendable {
        var service: UInt32
        var name: UInt32
        var kind: UInt8
        var status: UInt8
        var count: UInt64 = 0
        var seconds = 0.0
    }

    /// One more than there are bounds; told here once more, as asking a global array costs a check a span.
    private static var bucketCount: Int { 15 }

    /// How many sides of calls were forgotten before the other came.
    private(set) var forgotten = 0

    /// How often each operation ran, how it ended and how long it took.
    var measurements: [SpanMeasurement] {
        operations.indices.map { place in
            let operation = operations[place]
            let own = (place * Self.bucketCount)..<((place + 1) * Self.bucketCount)
            var measurement = SpanMeasurement(
                service: place == lastEntry ? "" : texts.text(operation.service),
                operation: place == lastEntry ? Self.otherOperations : texts.text(operation.name),
                kind: SpanKind(rawValue: operation.kind) ?? .unspecified,
                status: SpanStatus.Code(rawValue: operation.status) ?? .unset
            )
            measurement.count = operation.count
            measurement.seconds = operation.seconds
            measurement.buckets = Array(buckets[own])
            measurement.examples = Array(examples[own])
            return measurement
        }
    }

    mutating func add(_ parsed: borrowing ParsedSpans) {
        var services: [UInt32] = []
        let bytes = parsed.bytes.span
        for origin in parsed.origins { services.append(texts.intern(bytes.extracting(origin.service.range))) }
        let rows = parsed.rows.span
        for index in rows.indices {
            let row = rows[index]
            let service = services[Int(row.origin)]
            let nanoseconds = max(0, row.end &- row.start)
            let seconds = Double(nanoseconds) / 1e9
            let entry = entry(service, bytes.extracting(row.name.range), row.kind, row.status)
            operations[entry].count += 1
            operations[entry].seconds += seconds
            let bucket = entry &* Self.bucketCount &+ SpanMeasurement.bucket(nanoseconds)
            buckets[bucket] += 1
            examples[bucket] = SpanMeasurement.Example(
                traceID: row.trace,
                seconds: seconds,
                timestamp: row.start / 1_000_000
            )
            let side = WaitingSides.Side(service: service, isFailed: row.status == 2, seconds: seconds)
            switch SpanKind(rawValue: row.kind) {
            case .client, .producer: addClient(row.span, side)
            case .server, .consumer: if row.parent != 0 { addServer(row.parent, side) }
            case .internal, .unspecified, nil: break
            }
        }
    }

    /// The place of an operation, which is likely one that came lately.
    @inline(__always)
    private mutating func entry(_ service: UInt32, _ name: Span<UInt8>, _ kind: UInt8, _ status: UInt8) -> Int {
        let told = UInt64(service) << 8 | UInt64(kind) << 4 | UInt64(status)
        let hash = texts.hash(name) ^ told &* 0x9e37_79b9_7f4a_7c15
        let line = Int(truncatingIfNeeded: hash >> 50)
        let known = recent[line]
        if known >> 16 == hash >> 16, known != .max { return Int(truncatingIfNeeded: known & 0xffff) }
        let place = search(service, name, kind, status)
        recent[line] = hash & ~0xffff | UInt64(truncatingIfNeeded: place)
        return place
    }

    @inline(never)
    private mutating func search(_ service: UInt32, _ name: Span<UInt8>, _ kind: UInt8, _ status: UInt8) -> Int {
        let isFull = operations.count >= Self.operationsMax
        let nameCode = isFull ? texts.find(name) : texts.intern(name)
        func key(_ code: UInt32) -> UInt64 {
            UInt64(service) << 38 | UInt64(code) << 6 | UInt64(kind) << 2 | UInt64(status)
        }
        if let nameCode, let known = entryOf[key(nameCode)] { return Int(known) }
        let code = isFull ? texts.intern(Array(Self.otherOperations.utf8).span) : nameCode ?? 0
        if let known = entryOf[key(code)] { return Int(known) }
        // Services are as many as senders name: past twice the bound, all that is new counts as one.
        if operations.count >= 2 * Self.operationsMax {
            if let lastEntry { return lastEntry }
            lastEntry = operations.count
            return append(Operation(service: 0, name: 0, kind: 0, status: 0))
        }
        let place = append(Operation(service: service, name: code, kind: kind, status: status))
        entryOf.insert(key(code), UInt32(place))
        return place
    }

    private mutating func append(_ operation: Operation) -> Int {
        operations.append(operation)
        buckets += [UInt64](repeating: 0, count: Self.bucketCount)
        examples += [SpanMeasurement.Example?](repeating: nil, count: Self.bucketCount)
        return operations.count - 1
    }

    // MARK: Calls

    private mutating func addClient(_ span: UInt64, _ side: WaitingSides.Side) {
        let hash = WaitingSides.hash(span, seed)
        met.removeAll(keepingCapacity: true)
        servers.take(span, hash, into: &met)
        olderServers.take(span, hash, into: &met)
        for place in met.indices { add(side, met[place]) }
        if clients.count >= Self.waitingMax { (olderClients, clients) = (clients, WaitingSides()) }
        // A producer may have several consumers, so that it stays.
        _ = clients.insert(span, hash, side, isOnly: true, seed: seed)
    }

    private mutating func addServer(_ parent: UInt64, _ side: WaitingSides.Side) {
        let hash = WaitingSides.hash(parent, seed)
        if let client = clients.first(parent, hash) ?? olderClients.first(parent, hash) { return add(client, side) }
        if servers.count >= Self.waitingMax {
            forgotten += olderServers.waiting
            (olderServers, servers) = (servers, WaitingSides())
        }
        if !servers.insert(parent, hash, side, isOnly: false, seed: seed) { forgotten += 1 }
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
