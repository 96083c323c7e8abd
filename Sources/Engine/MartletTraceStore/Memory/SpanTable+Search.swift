import MartletCore
import MartletEvents

extension SpanTable {
    /// The newest traces here that meet a query; not all of them where the time is over.
    func search(_ plan: QueryPlan, _ time: SearchTime) -> [TraceHit] {
        guard let matcher = SpanTableMatcher(self, plan) else { return [] }
        var wanted: RowSet?
        if let filter = plan.filter {
            // Memory is never damaged: only the time can be over.
            guard let rows = try? rows(filter, time) else { return [] }
            wanted = rows
        }
        var oldest: [Int: Int64] = [:]
        for row in 0..<count where wanted?.contains(row) ?? true && matcher.matches(row) {
            if time.isUp() { break }
            let slot = Int(rows[row].slot)
            oldest[slot] = min(oldest[slot] ?? .max, rows[row].start)
        }
        var hits = oldest.map { TraceHit(traceID: traces[$0.key].id, start: $0.value) }
        hits.keepNewest(plan.limit)
        return hits
    }

    func basics(_ row: Int) -> SpanBasics {
        SpanBasics(
            traceID: traces[Int(rows[row].slot)].id,
            spanID: SpanID(rows[row].span),
            parentID: SpanID(rows[row].parent),
            start: rows[row].start,
            end: rows[row].end,
            kind: SpanKind(rawValue: rows[row].kind & 7) ?? .unspecified,
            status: SpanStatus.Code(rawValue: rows[row].kind >> 3) ?? .unset,
            service: texts.text(originServices[Int(rows[row].origin)]),
            operation: texts.text(rows[row].name)
        )
    }

    /// Appends a span as the message it came as.
    func append(_ row: Int, to bytes: inout [UInt8]) {
        texts.withText(rows[row].name) { SpanMessage.append(basics(row), name: $0, flags: rows[row].flags, to: &bytes) }
        var at = Int(rows[row].firstValue)
        for code in shapeColumns[Int(rows[row].shape)] {
            let column = columns[Int(code)]
            let value = values[at]
            at += 1
            texts.withText(column.key) { key in
                if column.type.isText {
                    texts.withText(UInt32(value)) {
                        SpanMessage.append(key: key, column.type, bits: 0, text: $0, to: &bytes)
                    }
                } else {
                    SpanMessage.append(key: key, column.type, bits: value, text: Span(), to: &bytes)
                }
            }
        }
        if let extra = extras[UInt32(row)] { bytes += extra }
    }
}

/// Tests rows of a table against a query whose texts were looked up once.
private struct SpanTableMatcher {
    private let table: SpanTable
    private let plan: QueryPlan
    private var name: UInt32?
    private var origins: [Bool]?
    /// By attribute: the columns with the bits that will do, and the origins that will.
    private var tests: [(columns: [UInt32: UInt64], origins: [Bool])] = []
    /// By text sought: the texts that contain it, and the origins that do.
    private var found: [(sought: [UInt8], texts: [Bool], origins: [Bool])] = []

    /// Looks the query's texts up; `nil` where one is not here at all.
    init?(_ table: SpanTable, _ plan: QueryPlan) {
        self.table = table
        self.plan = plan
        if let operation = plan.operation {
            guard let code = table.texts.find(operation.span) else { return nil }
            name = code
        }
        if let service = plan.service {
            guard let code = table.texts.find(service.span) else { return nil }
            origins = table.originServices.map { $0 == code }
        }
        for test in plan.attributes {
            var columns: [UInt32: UInt64] = [:]
            let text = table.texts.find(test.text.span)
            if let key = table.texts.find(test.key.span) {
                for type in ValueType.allCases {
                    guard let code = table.columnCodes[SpanTable.Column(key: key, type: type)],
                        let bits = type.isText ? text.map({ UInt64($0) }) : test.bits(type)
                    else { continue }
                    columns[code] = bits
                }
            }
            let origins = (0..<table.origins.count).map { plan.resource(table.origins.bytes(UInt32($0)), meets: test) }
            guard !columns.isEmpty || origins.contains(true) else { return nil }
            tests.append((columns, origins))
        }
        for sought in plan.texts {
            let texts = (0..<table.texts.count).map { code in
                table.texts.withText(UInt32(code)) { QueryPlan.contains(sought, in: $0) }
            }
            let origins = (0..<table.origins.count).map {
                QueryPlan.contains(sought, inResource: table.origins.bytes(UInt32($0)))
            }
            found.append((sought, texts, origins))
        }
    }

    func matches(_ row: Int) -> Bool {
        if let name, table.rows[row].name != name { return false }
        let origin = Int(table.rows[row].origin)
        if let origins, !origins[origin] { return false }
        if let kind = plan.kind, table.rows[row].kind & 7 != kind { return false }
        if let status = plan.status, table.rows[row].kind >> 3 != status { return false }
        if let times = plan.times, !times.contains(table.rows[row].start) { return false }
        if let durations = plan.durations, !durations.contains(max(0, table.rows[row].end &- table.rows[row].start)) {
            return false
        }
        for test in tests where !test.origins[origin] {
            var isMet = false
            var at = Int(table.rows[row].firstValue)
            for column in table.shapeColumns[Int(table.rows[row].shape)] {
                if let bits = test.columns[column], table.values[at] == bits { isMet = true }
                at += 1
            }
            if !isMet { return false }
        }
        return found.allSatisfy { isFound(row, origin, $0.sought, $0.texts, $0.origins) }
    }

    private func isFound(_ row: Int, _ origin: Int, _ sought: [UInt8], _ texts: [Bool], _ origins: [Bool]) -> Bool {
        if texts[Int(table.rows[row].name)] || origins[origin] { return true }
        var at = Int(table.rows[row].firstValue)
        for column in table.shapeColumns[Int(table.rows[row].shape)] {
            if table.columns[Int(column)].type == .string, texts[Int(table.values[at])] { return true }
            at += 1
        }
        guard let extra = table.extras[UInt32(truncatingIfNeeded: row)] else { return false }
        return SpanExtras.contain(extra.span) { QueryPlan.contains(sought, in: $0) }
    }
}
