import MartletCore
import MartletEvents

/// Counts spans as they come: rate, errors and durations by operation, and calls between services.
///
/// Both are bounded: operations beyond ``operationsMax`` count under one name, and of two sides of a call that come far
/// apart the earlier may be forgotten.
struct SpanMeter: Sendable {
    /// How many operations have a count of their own.
    static let operationsMax = 2000

    /// The name of operations that have no count of their own.
    static let otherOperations = "(other operations)"

    private var texts = TextTable()
    private var entryOf = NumberMap()
    private var operations: [Operation] = []
    /// By operation, one a bucket.
    private var cells: [Cell] = []
    /// The operations that came lately: the upper 48 bits of a seeded hash of what they are told by, which no sender can
    /// plan to share, and their place; all ones for none.
    private var recent = [UInt64](repeating: .max, count: 1 << 14)
    /// The entry of all services and operations that are too many.
    private var lastEntry: Int?
    private var callOf = NumberMap()
    private(set) var calls: [CallMeasurement] = []
    private var waiting = WaitingSides()
    private var met: [WaitingSides.Match] = []
    /// What a request's origins and names are here, and the operations of its spans.
    private var services: [UInt32] = []
    private var nameHashes: [UInt64] = []
    private var entries: [UInt32] = []

    /// An operation, as it is told from others.
    private struct Operation: Sendable {
        var service: UInt32
        var name: UInt32
        var kind: UInt8
        var status: UInt8
    }

    /// What is known of an operation's spans that took about as long: all that a span changes lies together.
    private struct Cell: Sendable {
        var count: UInt64 = 0
        var seconds = 0.0
        var trace = TraceID(high: 0, low: 0)
        var latest: Int64 = 0
        var start: Int64 = 0

        var example: SpanMeasurement.Example? {
            guard count > 0 else { return nil }
            return SpanMeasurement.Example(
                traceID: trace,
                seconds: Double(latest) / 1e9,
                timestamp: start / 1_000_000
            )
        }
    }

    /// One more than there are bounds; told here once more, as asking a global array costs a check a span.
    private static var bucketCount: Int { 15 }

    private var forgottenCalls = 0

    /// How many sides of calls were forgotten before the other came.
    var forgotten: Int { forgottenCalls + waiting.forgotten }

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
            measurement.count = cells[own].reduce(0) { $0 + $1.count }
            measurement.seconds = cells[own].reduce(0) { $0 + $1.seconds }
            measurement.buckets = cells[own].map(\.count)
            measurement.examples = cells[own].map(\.example)
            return measurement
        }
    }

    mutating func add(_ parsed: borrowing ParsedSpans) {
        let bytes = parsed.bytes.span
        services.removeAll(keepingCapacity: true)
        for origin in parsed.origins { services.append(texts.intern(bytes.extracting(origin.service.range))) }
        nameHashes.removeAll(keepingCapacity: true)
        for name in parsed.names { nameHashes.append(texts.hash(bytes.extracting(name.range))) }
        entries.removeAll(keepingCapacity: true)
        let rows = parsed.rows.span
        for index in rows.indices {
            let entry = entry(services[Int(rows[index].origin)], rows[index], nameHashes[Int(rows[index].name)], parsed)
            entries.append(UInt32(truncatingIfNeeded: entry))
        }
        // In loops of their own, so that the memory of several spans can be on its way at once.
        Self.count(rows, entries, parsed.traces.span, &cells)
        meet(rows)
    }

    private static func count(
        _ rows: Span<ParsedSpans.Row>,
        _ entries: [UInt32],
        _ traces: Span<TraceID>,
        _ cells: inout [Cell]
    ) {
        let entries = entries.span
        var cells = cells.mutableSpan
        for index in rows.indices {
            let (start, trace) = (rows[index].start, traces[Int(rows[index].trace)])
            let nanoseconds = max(0, rows[index].end &- start)
            let place = Int(entries[index]) &* bucketCount &+ SpanMeasurement.bucket(nanoseconds)
            cells[place].count &+= 1
            cells[place].seconds += Double(nanoseconds) / 1e9
            cells[place].trace = trace
            cells[place].latest = nanoseconds
            cells[place].start = start
        }
    }

    /// The place of an operation, which is likely one that came lately.
    @inline(__always)
    private mutating func entry(
        _ service: UInt32,
        _ row: borrowing ParsedSpans.Row,
        _ nameHash: UInt64,
        _ parsed: borrowing ParsedSpans
    ) -> Int {
        let told = UInt64(service) << 8 | UInt64(row.kind) << 4 | UInt64(row.status)
        let hash = nameHash ^ told &* 0x9e37_79b9_7f4a_7c15
        let line = Int(truncatingIfNeeded: hash >> 50)
        let known = recent[line]
        if known >> 16 == hash >> 16, known != .max { return Int(truncatingIfNeeded: known & 0xffff) }
        let name = parsed.bytes.span.extracting(parsed.names[Int(row.name)].range)
        let place = search(service, name, row.kind, row.status)
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
        for _ in 0..<Self.bucketCount { cells.append(Cell()) }
        return operations.count - 1
    }

    // MARK: Calls

    /// Lets the sides of calls meet.
    private mutating func meet(_ rows: Span<ParsedSpans.Row>) {
        met.removeAll(keepingCapacity: true)
        for index in rows.indices {
            let row = rows[index]
            let side = WaitingSides.Side(
                service: services[Int(row.origin)],
                isFailed: row.status == 2,
                nanoseconds: max(0, row.end &- row.start)
            )
            switch row.kind {
            case SpanKind.client.rawValue, SpanKind.producer.rawValue: waiting.addClient(row.span, side, &met)
            case SpanKind.server.rawValue, SpanKind.consumer.rawValue:
                if row.parent != 0 { waiting.addServer(row.parent, side, &met) }
            default: break
            }
        }
        for place in met.indices { count(met[place]) }
    }

    private mutating func count(_ match: WaitingSides.Match) {
        let key = UInt64(match.client) << 32 | UInt64(match.server)
        let place: Int
        if let known = callOf[key] {
            place = Int(known)
        } else {
            guard calls.count < Self.operationsMax else { return forgottenCalls += match.calls }
            calls.append(CallMeasurement(client: texts.text(match.client), server: texts.text(match.server)))
            place = calls.count - 1
            callOf.insert(key, UInt32(place))
        }
        calls[place].calls += UInt64(match.calls)
        if match.isFailed { calls[place].errors += UInt64(match.calls) }
        calls[place].seconds += match.seconds
    }
}
