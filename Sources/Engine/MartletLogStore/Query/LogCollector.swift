import MartletCore
import MartletEvents
import MartletSearch

/// Gathers what a search finds, part by part.
struct LogCollector {
    /// A record found, which need not be made ready yet.
    struct Hit {
        var cursor: LogCursor
        /// Which part it is in, and where.
        var part: Int
        var row: Int
        var record: StoredLog?
    }

    let query: LogQuery
    let limit: Int
    private(set) var hits: [Hit] = []
    private(set) var matched = 0
    var scanned = 0
    private var bars: [Int64: [Int]] = [:]
    private var facets: [FieldCounts]
    private var groups: [[String]: Int] = [:]
    private var groupsDropped = 0
    private var steps: [Int64: [String: Int]] = [:]
    var patterns = PatternMiner()

    /// Twenty-four severities and none.
    private static let severities = 25

    init(_ query: LogQuery) {
        self.query = query
        // One more than is told says whether that was all.
        limit = query.search.stage == nil ? max(0, min(query.limit, query.search.limit ?? .max)) : 0
        facets = query.facets.map { FieldCounts($0) }
    }

    /// Whether nothing of a part with these times could be told any more.
    func isFull(_ times: ClosedRange<Int64>) -> Bool {
        guard !needsAll, hits.count > limit, let last = hits.last else { return false }
        if query.arrivedFrom != nil { return false }
        return query.direction == .backward
            ? times.upperBound < last.cursor.time : times.lowerBound > last.cursor.time
    }

    /// Whether all that is found is counted.
    var needsAll: Bool {
        query.countsAll || query.histogramStep != nil || !query.facets.isEmpty || query.search.stage != nil
    }

    /// Whether it is enough to know how many records are found, besides those that are told.
    var needsCountOnly: Bool {
        guard query.histogramStep == nil, query.facets.isEmpty, query.arrivedFrom == nil else { return false }
        return query.search.stage == nil || query.search.stage == .count(by: [])
    }

    /// Takes the records of a part that were found; `matched` says how many there are where some are left out.
    mutating func add(
        _ found: RowSet,
        of part: some LogPart & TimedPart,
        _ number: Int,
        isMaterialized: Bool,
        matched total: Int? = nil
    ) throws(EventError) {
        scanned += part.count
        matched += total ?? found.count
        if found.isEmpty { return }
        try addBars(found, part)
        for place in facets.indices { try facets[place].add(found, part) }
        try addGroups(found, part)
        // Where nothing is told and all is counted, no record's time is needed.
        if query.search.stage == nil, limit > 0 || !needsAll { try addHits(found, part, number, isMaterialized) }
    }

    private mutating func addBars(_ found: RowSet, _ part: some LogPart) throws(EventError) {
        guard let step = query.histogramStep, step > 0 else { return }
        let severities = part.kinds.map { min(Int($0.effectiveSeverity), Self.severities - 1) }
        var (bars, start, end, bar) = (bars, Int64.min, Int64.min, [Int](repeating: 0, count: Self.severities))
        try part.forEachTimeAndKind(found) { time, kind in
            // Nearly always a record is in the bar of the one before.
            if time < start || time >= end {
                if start != end { bars[start] = bar }
                start = time.flooredMultiple(of: step)
                end = start.addingReportingOverflow(step).overflow ? .max : start + step
                bar = bars[start] ?? [Int](repeating: 0, count: Self.severities)
            }
            bar[severities[kind]] += 1
        }
        if start != end { bars[start] = bar }
        self.bars = bars
    }

    private mutating func addGroups(_ found: RowSet, _ part: some LogPart) throws(EventError) {
        switch query.search.stage {
        case .count(let fields):
            guard !fields.isEmpty else { return }
            try addGroups(found, part, fields)
        case .top(_, let field): try addGroups(found, part, [field])
        case .histogram(let step, let field):
            var texts: [Int: String] = [:]
            if let field { texts = try FieldCounts.texts(of: field, found, part) }
            var steps = steps
            try part.forEachTime(found) { row, time in
                steps[time.flooredMultiple(of: step), default: [:]][texts[row] ?? "", default: 0] += 1
            }
            self.steps = steps
        case .patterns: try patterns.add(found, part)
        case nil: break
        }
    }

    private mutating func addGroups(
        _ found: RowSet,
        _ part: some LogPart,
        _ fields: [SearchField]
    ) throws(EventError) {
        if fields.count == 1 {
            var counts = FieldCounts(fields[0])
            try counts.add(found, part)
            for (text, count) in counts.counts { addGroup([text], count) }
            if counts.missing > 0, case .count = query.search.stage { addGroup([""], counts.missing) }
            return
        }
        var texts: [[Int: String]] = []
        for field in fields { texts.append(try FieldCounts.texts(of: field, found, part)) }
        var own: [[String]: Int] = [:]
        found.forEach { row in own[texts.map { $0[row] ?? "" }, default: 0] += 1 }
        for (key, count) in own { addGroup(key, count) }
    }

    private mutating func addGroup(_ key: [String], _ count: Int) {
        if groups[key] == nil, groups.count >= query.groupsMax {
            groupsDropped += count
            return
        }
        groups[key, default: 0] += count
    }

    private mutating func addHits(
        _ found: RowSet,
        _ part: some LogPart & TimedPart,
        _ number: Int,
        _ isMaterialized: Bool
    ) throws(EventError) {
        var own: [LogCursor] = []
        // In a part that is in the order of time only its end can be told.
        let isEnd = part.isSorted && query.arrivedFrom == nil
        let told = isEnd ? found.kept(limit + 1, fromEnd: query.direction == .backward) : found
        try part.forEachTime(told) { row, time in
            own.append(LogCursor(time: time, sequence: part.base + UInt64(row)))
        }
        if query.arrivedFrom == nil { own.keep(limit + 1, query.direction) } else { own = Array(own.prefix(limit + 1)) }
        // A record that will not be told need not be made.
        if hits.count > limit, let last = hits.last, query.arrivedFrom == nil {
            own.removeAll { query.direction == .backward ? $0 < last.cursor : $0 > last.cursor }
        }
        for cursor in own {
            let row = Int(cursor.sequence - part.base)
            hits.append(
                Hit(cursor: cursor, part: number, row: row, record: isMaterialized ? try part.record(row) : nil)
            )
        }
        sortHits()
    }

    /// Takes what another found, in other parts.
    mutating func merge(_ other: LogCollector) {
        matched += other.matched
        scanned += other.scanned
        groupsDropped += other.groupsDropped
        for (start, counts) in other.bars {
            guard var own = bars[start] else {
                bars[start] = counts
                continue
            }
            for severity in own.indices { own[severity] += counts[severity] }
            bars[start] = own
        }
        for place in facets.indices { facets[place].merge(other.facets[place]) }
        for (key, count) in other.groups { addGroup(key, count) }
        for (start, counts) in other.steps { steps[start, default: [:]].merge(counts, uniquingKeysWith: +) }
        patterns.merge(other.patterns)
        hits += other.hits
        sortHits()
    }

    private mutating func sortHits() {
        if query.arrivedFrom != nil {
            hits.sort { $0.cursor.sequence < $1.cursor.sequence }
        } else {
            hits.sort { query.direction == .backward ? $0.cursor > $1.cursor : $0.cursor < $1.cursor }
        }
        if hits.count > limit + 1 { hits.removeLast(hits.count - limit - 1) }
    }

    // MARK: The answer

    /// What was found, without the records.
    func answer(isComplete: Bool) -> LogAnswer {
        var answer = LogAnswer()
        answer.matched = matched
        answer.isComplete = isComplete
        answer.scanned = scanned
        answer.histogram = bars.sorted { $0.key < $1.key }.map { start, counts in
            var levels: [String: Int] = [:]
            for (severity, count) in counts.enumerated() where count > 0 {
                levels[SeverityWords.name(of: UInt8(severity)), default: 0] += count
            }
            return LogAnswer.Bar(start: start, count: counts.reduce(0, +), levels: levels)
        }
        answer.facets = facets.map { $0.facet(query.facetLimit) }
        answer.table = table()
        if groupsDropped > 0 {
            answer.notes.append(
                "\(groupsDropped) records are in none of the first \(query.groupsMax) groups, which are all that is counted"
            )
        }
        return answer
    }

    private func table() -> LogAnswer.Table? {
        let most = query.search.limit ?? query.groupsMax
        func ranked(_ rows: [(key: [String], value: Int)], _ most: Int) -> [[String]] {
            rows.sorted { ($1.value, $0.key.joined(separator: "\0")) < ($0.value, $1.key.joined(separator: "\0")) }
                .prefix(most).map { $0.key + [String($0.value)] }
        }
        switch query.search.stage {
        case nil: return nil
        case .count(let fields):
            if fields.isEmpty { return LogAnswer.Table(columns: ["count"], rows: [[String(matched)]]) }
            return LogAnswer.Table(columns: fields.map(\.name) + ["count"], rows: ranked(Array(groups), most))
        case .top(let count, let field):
            return LogAnswer.Table(columns: [field.name, "count"], rows: ranked(Array(groups), min(count, most)))
        case .histogram(_, let field):
            var rows: [[String]] = []
            for (start, counts) in steps.sorted(by: { $0.key < $1.key }) {
                let time = RFC3339.shortString(nanosecondsSinceEpoch: start)
                for (text, count) in counts.sorted(by: { $0.key < $1.key }) {
                    rows.append(field == nil ? [time, String(count)] : [time, text, String(count)])
                }
            }
            return LogAnswer.Table(columns: ["time"] + (field.map { [$0.name] } ?? []) + ["count"], rows: rows)
        case .patterns(let count):
            return LogAnswer.Table(columns: ["pattern", "count"], rows: patterns.rows(min(count, most)))
        }
    }
}

extension Int64 {
    /// The largest multiple of a step that is not above.
    func flooredMultiple(of step: Int64) -> Int64 {
        let rest = self % step
        return rest >= 0 ? self - rest : self.subtractingReportingOverflow(rest + step).partialValue
    }
}

extension Array<LogCursor> {
    /// Keeps the first of an order.
    fileprivate mutating func keep(_ most: Int, _ direction: LogQuery.Direction) {
        guard count > most else { return }
        // Nearly always the rows are in the order of time already.
        sort { direction == .backward ? $0 > $1 : $0 < $1 }
        removeLast(count - most)
    }
}
