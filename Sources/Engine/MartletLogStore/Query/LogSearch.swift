import MartletEvents

/// A search under way.
struct LogSearch {
    let query: LogQuery
    let plan: LogPlan
    var collector: LogCollector
    let budget: SearchBudget
    var notes: [String] = []
    var nextSequence: UInt64 = 0
    var isCut = false

    init(_ query: LogQuery, _ plan: LogPlan) {
        self.query = query
        self.plan = plan
        collector = LogCollector(query)
        budget = SearchBudget(query.timeLimit, bytes: query.bytesMax)
    }

    /// The times that are asked for, the place to go on from included.
    private var times: ClosedRange<Int64>? {
        var times = query.times ?? .min ... .max
        if let cursor = query.cursor {
            let side = query.direction == .backward ? Int64.min...cursor.time : cursor.time...Int64.max
            guard times.overlaps(side) else { return nil }
            times = times.clamped(to: side)
        }
        return times
    }

    /// Whether a part may have anything to tell.
    func needs(_ range: ClosedRange<Int64>, _ base: UInt64, _ count: Int) -> Bool {
        guard let times, times.overlaps(range), !collector.isFull(range) else { return false }
        if let first = query.arrivedFrom, base + UInt64(count) <= first { return false }
        return true
    }

    /// Whether the search must end in front of a block with so many bytes.
    mutating func isOver(_ bytes: Int) -> Bool {
        budget.read(bytes)
        guard budget.isOver() else { return false }
        isCut = true
        return true
    }

    mutating func look(at part: some LogPart & TimedPart, number: Int) throws(EventError) {
        guard part.count > 0, let range = part.timeRange, let times, needs(range, part.base, part.count) else { return }
        var rows = RowSet(rows: part.count, isFull: true)
        var isLimited = false
        if let first = query.arrivedFrom, first > part.base {
            rows = RowSet(rows: part.count)
            for row in Int(first - part.base)..<part.count { rows.insert(row) }
            isLimited = true
        }
        if times.lowerBound > range.lowerBound || times.upperBound < range.upperBound {
            var inside = RowSet(rows: part.count)
            try part.forEachTime(isLimited ? rows : nil) { row, time in if times.contains(time) { inside.insert(row) } }
            rows = inside
            isLimited = true
        }
        if let cursor = query.cursor, range.contains(cursor.time) {
            var outside = RowSet(rows: part.count)
            try part.forEachTime(rows) { row, time in
                let own = LogCursor(time: time, sequence: part.base + UInt64(row))
                if query.direction == .backward ? own >= cursor : own <= cursor { outside.insert(row) }
            }
            rows.formSubtraction(outside)
            isLimited = true
        }
        let wanted = collector.limit + 1
        if !isLimited, part.isSorted, collector.needsCountOnly, let total = try count(plan, part) {
            if total == 0 || collector.limit == 0 {
                let none = RowSet(rows: part.count)
                return try collector.add(none, of: part, number, isMaterialized: false, matched: total)
            }
            return try lookAtEnd(of: part, number: number, wanted, matched: total)
        }
        if !collector.needsAll, !isLimited, part.isSorted, query.arrivedFrom == nil, wanted < part.count / 16 {
            return try lookAtEnd(of: part, number: number, wanted)
        }
        let found = try part.rows(plan, among: isLimited ? rows : nil, budget)
        if budget.isSpent { isCut = true }
        try collector.add(found, of: part, number, isMaterialized: number < 0)
    }

    /// How many records of a part are found, where that is known at once.
    private func count(_ plan: LogPlan, _ part: some LogPart) throws(EventError) -> Int? {
        switch plan {
        case .all: part.count
        case .nothing: 0
        case .words(let words): try part.count(words)
        default: nil
        }
    }

    /// Looks at ever more of a part from the end that is told first, until there is enough.
    private mutating func lookAtEnd(
        of part: some LogPart & TimedPart,
        number: Int,
        _ wanted: Int,
        matched: Int? = nil
    ) throws(EventError) {
        var window = max(4096, 4 * wanted)
        while true {
            var rows = RowSet(rows: part.count)
            let size = min(window, part.count)
            rows.insert(query.direction == .backward ? (part.count - size)..<part.count : 0..<size)
            let found = try part.rows(plan, among: size == part.count ? nil : rows, budget)
            if budget.isSpent { isCut = true }
            if size == part.count || isCut || found.count >= wanted {
                return try collector.add(found, of: part, number, isMaterialized: number < 0, matched: matched)
            }
            window *= 8
        }
    }

    /// What was found.
    func answer(_ record: (LogCollector.Hit) throws(EventError) -> StoredLog?) throws(EventError) -> LogAnswer {
        var answer = collector.answer(
            isComplete: !isCut && (collector.needsAll || collector.hits.count <= collector.limit)
        )
        for hit in collector.hits.prefix(collector.limit) {
            if let made = hit.record {
                answer.records.append(made)
            } else if let read = try record(hit) {
                answer.records.append(read)
            }
        }
        if collector.hits.count > collector.limit { answer.cursor = answer.records.last?.cursor }
        answer.notes = notes + answer.notes
        answer.nextSequence = nextSequence
        if isCut, budget.lacksBytes {
            answer.notes.append(
                "the search was ended after reading \(query.bytesMax) bytes; narrow it by time or by words to see all"
            )
        } else if isCut {
            answer.notes.append(
                "the search was ended after \(query.timeLimit.wholeMilliseconds) ms; narrow it by time or by words to see all"
            )
        }
        return answer
    }
}

/// A part that knows its times.
protocol TimedPart {
    var timeRange: ClosedRange<Int64>? { get }

    /// Whether rows are known to be in the order of their times.
    var isSorted: Bool { get }
}

extension LogTable: TimedPart {
    var isSorted: Bool { false }
}
