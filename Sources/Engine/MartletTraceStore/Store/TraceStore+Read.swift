public import MartletCore
public import MartletEvents
import MartletFiles
import MartletLogging
import MartletOTLP

extension TraceStore {
    /// A trace as an OTLP message, `nil` where it is not here.
    ///
    /// Spans stand under the resource and scope they came with. A span that was sent twice is there once.
    ///
    /// - Parameter id: The trace.
    /// - Returns: `TracesData` as protobuf.
    /// - Throws: `EventError` `damaged` where its spans lie in damaged parts of a block.
    public func trace(_ id: TraceID) throws(EventError) -> [UInt8]? {
        var groups = SpanGroups()
        try forEachPart(
            of: id,
            memory: { table, rows in
                groups.beginPart()
                for row in rows {
                    let code = table.rows[row].origin
                    guard let group = groups.group(of: table.basics(row), Int(code), { table.origins.bytes(code) })
                    else { continue }
                    groups.add(to: group) { table.append(row, to: &$0) }
                }
            },
            block: { reader, trace throws(EventError) in
                groups.beginPart()
                for row in reader.rows(trace) {
                    let code = reader.origin(row)
                    let basics = try reader.basics(row, trace)
                    guard
                        let group = groups.group(
                            of: basics,
                            code,
                            { reader.originHeads.isEmpty ? [] : reader.originHeads[code] }
                        )
                    else { continue }
                    try groups.add(to: group) { (bytes) throws(EventError) in
                        try reader.append(row, trace, to: &bytes)
                    }
                }
            }
        )
        return groups.whole
    }

    /// A trace's spans without their attributes, by their starts; empty where the trace is not here.
    ///
    /// - Parameter id: The trace.
    /// - Returns: The spans, each once.
    /// - Throws: `EventError` `damaged`.
    public func spans(of id: TraceID) throws(EventError) -> [SpanBasics] {
        var spans: [SpanBasics] = []
        try forEachPart(
            of: id,
            memory: { table, rows in spans += rows.map { table.basics($0) } },
            block: { reader, trace throws(EventError) in
                for row in reader.rows(trace) { spans.append(try reader.basics(row, trace)) }
            }
        )
        // Few spans share an id, and only those need to be compared whole.
        var first: [SpanID: SpanBasics] = [:]
        var alike: Set<SpanBasics> = []
        let own = spans.filter { span in
            guard let other = first[span.spanID] else {
                first[span.spanID] = span
                return true
            }
            return other != span && alike.insert(span).inserted
        }
        return own.sorted { $0.start < $1.start }
    }

    private func forEachPart(
        of id: TraceID,
        memory: (SpanTable, [Int]) -> Void,
        block: (SpanBlockReader, Int) throws(EventError) -> Void
    ) throws(EventError) {
        func look(_ table: SpanTable) {
            if let slot = table.slot(of: id) { memory(table, table.rows(ofSlot: slot)) }
        }
        try events.read(memory: { look($0) }) { (_, frozen, blocks) throws(EventError) in
            if let frozen { look(frozen) }
            for stored in blocks {
                try skippingDamage {
                    () throws(EventError) in
                    guard try stored.content.mayContain(id) else { return }
                    let reader = try SpanBlockReader(stored.content)
                    if let trace = reader.trace(id) { try block(reader, trace) }
                }
            }
        }
    }

    /// What a damaged block has cannot be told; the others answer.
    private func skippingDamage(_ body: () throws(EventError) -> Void) throws(EventError) {
        do throws(EventError) {
            try body()
        } catch .damaged(let message) {
            logger.error("a block is damaged; the others answer", ["error": .string(message)])
        }
    }

    /// Traces with a span that meets a query, the newest first.
    ///
    /// - Parameter query: The conditions.
    /// - Returns: A summary of each.
    /// - Throws: `EventError`, `overTime` where it takes longer than the query allows.
    public func search(_ query: TraceQuery) throws(EventError) -> [TraceSummary] {
        let plan = QueryPlan(query)
        let time = SearchTime(query.timeLimit)
        let hits = try events.read(memory: { $0.search(plan, time) }) { (memory, frozen, blocks) throws(EventError) in
            var hits = memory
            if let frozen { hits += frozen.search(plan, time) }
            hits.keepNewest(plan.limit)
            for stored in blocks.sorted(by: { $0.file.times.upperBound > $1.file.times.upperBound }) {
                try time.check()
                if let times = plan.times, !times.overlaps(stored.file.times) { continue }
                // All that follows is older than the last that will be shown.
                if hits.count >= plan.limit, let last = hits.last, stored.file.times.upperBound < last.start { break }
                try skippingDamage {
                    () throws(EventError) in
                    if let id = plan.trace, try !stored.content.mayContain(id) { return }
                    hits += try SpanBlockReader(stored.content).search(plan, time)
                }
                hits.keepNewest(plan.limit)
            }
            try time.check()
            return hits
        }
        var summaries: [TraceSummary] = []
        for hit in hits {
            try time.check()
            let spans = try spans(of: hit.traceID)
            if !spans.isEmpty { summaries.append(TraceSummary(spans)) }
        }
        return summaries
    }

    /// What is known of services and operations, sorted.
    ///
    /// - Parameter service: The service whose operations are asked for, or all.
    /// - Returns: Each service with the name and kind of what it did.
    /// - Throws: `EventError`.
    public func operations(of service: String? = nil) throws(EventError) -> [String: Set<Operation>] {
        func add(_ table: SpanTable, to found: inout [String: Set<Operation>]) {
            var seen: Set<[UInt32]> = []
            for row in 0..<table.count {
                let serviceCode = table.originServices[Int(table.rows[row].origin)]
                let kind = table.rows[row].kind & 7
                guard seen.insert([serviceCode, table.rows[row].name, UInt32(kind)]).inserted else { continue }
                let name = table.texts.text(serviceCode)
                guard service == nil || service == name else { continue }
                found[name, default: []].insert(
                    Operation(
                        name: table.texts.text(table.rows[row].name),
                        kind: SpanKind(rawValue: kind) ?? .unspecified
                    )
                )
            }
        }
        return try events.read(
            memory: { table in
                var found: [String: Set<Operation>] = [:]
                add(table, to: &found)
                return found
            },
            blocks: { (memory, frozen, blocks) throws(EventError) in
                var found = memory
                if let frozen { add(frozen, to: &found) }
                for stored in blocks {
                    try skippingDamage {
                        () throws(EventError) in
                        try SpanBlockReader(stored.content).addOperations(of: service, to: &found)
                    }
                }
                return found
            }
        )
    }

    /// What a service does.
    public struct Operation: Hashable, Sendable {
        /// The name of its spans.
        public var name: String
        /// What they stand for.
        public var kind: SpanKind
    }
}

extension SpanBlockReader {
    fileprivate func addOperations(
        of service: String?,
        to found: inout [String: Set<TraceStore.Operation>]
    ) throws(EventError) {
        var seen: Set<Int> = []
        let (nameCodes, kindCodes) = (names.values(in: 0..<count), kinds.values(in: 0..<count))
        origins.forEach(in: 0..<count) { row, origin in
            let key = (Int(origin) << 34) ^ Int(nameCodes[row]) << 3 ^ Int(kindCodes[row] & 7)
            guard seen.insert(key).inserted, services.indices.contains(Int(origin)) else { return }
            let name = services[Int(origin)]
            guard service == nil || service == name else { return }
            found[name, default: []].insert(
                TraceStore.Operation(
                    name: operation(row),
                    kind: SpanKind(rawValue: UInt8(kindCodes[row] & 7)) ?? .unspecified
                )
            )
        }
    }
}

/// A trace's spans by the resource and scope they came with.
private struct SpanGroups {
    private var order: [[UInt8]] = []
    private var contents: [[UInt8]] = []
    private var places: [[UInt8]: Int] = [:]
    /// The groups of the origins of one part, by their numbers there.
    private var known: [Int: Int] = [:]
    /// The first span with each id; those that share its id, but are others, stand apart.
    private var seen: [SpanID: SpanBasics] = [:]
    private var alike: Set<SpanBasics> = []
    private var message: [UInt8] = []

    /// Origins have other numbers from here on.
    mutating func beginPart() { known = [:] }

    /// The group that a span belongs to; `nil` for one that is there already.
    mutating func group(of span: SpanBasics, _ origin: Int, _ head: () -> [UInt8]) -> Int? {
        if let other = seen[span.spanID] {
            guard other != span, alike.insert(span).inserted else { return nil }
        } else {
            seen[span.spanID] = span
        }
        if let group = known[origin] { return group }
        let head = head()
        let group = places[head] ?? order.count
        if group == order.count {
            order.append(head)
            contents.append([])
            places[head] = group
        }
        known[origin] = group
        return group
    }

    mutating func add<Failure: Error>(
        to group: Int,
        _ write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        message.removeAll(keepingCapacity: true)
        try write(&message)
        SpanMessage.append(2, message, to: &contents[group])
    }

    /// `TracesData`, or `nil` where there is no span.
    var whole: [UInt8]? {
        guard !order.isEmpty else { return nil }
        // Scopes of one resource stand under it together.
        var resources: [(head: ArraySlice<UInt8>, scopes: [UInt8])] = []
        for (origin, spans) in zip(order, contents) {
            var at = 0
            let size = Int(origin.span.varint(&at) ?? 0)
            guard size <= origin.count - at else { continue }
            let (resource, scope) = (origin[at..<(at + size)], origin[(at + size)...])
            var content: [UInt8] = []
            SpanMessage.append(2, Array(scope) + spans, to: &content)
            if let place = resources.firstIndex(where: { $0.head == resource }) {
                resources[place].scopes += content
            } else {
                resources.append((resource, content))
            }
        }
        var bytes: [UInt8] = []
        for resource in resources { SpanMessage.append(1, Array(resource.head) + resource.scopes, to: &bytes) }
        return bytes
    }
}
