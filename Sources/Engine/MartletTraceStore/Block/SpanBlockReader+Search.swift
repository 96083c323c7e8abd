import MartletCore
import MartletEvents

extension SpanBlockReader {
    /// The newest traces here that meet a query.
    ///
    /// Each condition is a scan of one packed column; texts are looked up in dictionaries first, so that a value that
    /// is not here costs nothing.
    func search(_ plan: QueryPlan, _ time: SearchTime) throws(EventError) -> [TraceHit] {
        guard let rows = try matching(plan, time) else { return [] }
        var hits: [TraceHit] = []
        let bounds = firstRows.values(in: 0..<firstRows.count)
        var trace = 0
        var oldest: Int64?
        func finishTrace() {
            if let oldest { hits.append(TraceHit(traceID: traceID(trace), start: oldest)) }
        }
        rows.forEach { row in
            while trace + 1 < traceCount, Int(bounds[trace + 1]) <= row {
                finishTrace()
                oldest = nil
                trace += 1
            }
            // Rows of a trace are in the order of their starts.
            if oldest == nil { oldest = traceStarts[trace] &+ starts[row] }
        }
        finishTrace()
        hits.keepNewest(plan.limit)
        return hits
    }

    /// The rows that meet all conditions; `nil` for none.
    private func matching(_ plan: QueryPlan, _ time: SearchTime) throws(EventError) -> RowSet? {
        var rows = RowSet(rows: count, isFull: true)
        if let service = plan.service {
            let name = String(decoding: service, as: UTF8.self)
            let wanted = services.map { $0 == name }
            guard wanted.contains(true) else { return nil }
            rows.formIntersection(self.rows(origins) { wanted.indices.contains(Int($0)) && wanted[Int($0)] })
        }
        if let operation = plan.operation {
            guard let code = nameTexts.index(of: operation.span) else { return nil }
            rows.formIntersection(self.rows(names) { $0 == Int64(code) })
        }
        if plan.kind != nil || plan.status != nil {
            let (kind, status) = (plan.kind.map { Int64($0) }, plan.status.map { Int64($0) })
            rows.formIntersection(
                self.rows(kinds) { (kind == nil || $0 & 7 == kind) && (status == nil || $0 >> 3 == status) }
            )
        }
        if let range = plan.durations {
            rows.formIntersection(self.rows(durations) { range.contains(max(0, $0)) })
        }
        for test in plan.attributes {
            if rows.isEmpty { return nil }
            rows.formIntersection(try self.rows(test, plan))
        }
        for text in plan.texts where !rows.isEmpty {
            try time.check()
            rows.formIntersection(try self.rows(with: text))
        }
        if let times = plan.times, !(times.contains(file.times.lowerBound) && times.contains(file.times.upperBound)) {
            rows.formIntersection(rowsWithin(times))
        }
        if let filter = plan.filter, !rows.isEmpty { rows.formIntersection(try self.rows(filter, time)) }
        return rows.isEmpty ? nil : rows
    }

    func rows(_ column: IntegerColumn, where isWanted: (Int64) -> Bool) -> RowSet {
        var rows = RowSet(rows: count)
        column.forEach(in: 0..<count) { row, value in
            if isWanted(value) { rows.insert(row) }
        }
        return rows
    }

    func rowsWithin(_ times: ClosedRange<Int64>) -> RowSet {
        var rows = RowSet(rows: count)
        for trace in 0..<traceCount {
            let start = traceStarts[trace]
            starts.forEach(in: self.rows(trace)) { row, delta in
                if times.contains(start &+ delta) { rows.insert(row) }
            }
        }
        return rows
    }

    private func rows(_ test: QueryPlan.AttributeTest, _ plan: QueryPlan) throws(EventError) -> RowSet {
        let wanted = originHeads.map { plan.resource($0, meets: test) }
        var rows =
            wanted.contains(true)
            ? self.rows(origins) { wanted.indices.contains(Int($0)) && wanted[Int($0)] } : RowSet(rows: count)
        for (index, column) in try attributeTables().columns.enumerated() where column.key == test.key {
            let (values, texts, _) = try self.values(index)
            let wanted =
                texts.map { $0.index(of: test.text.span).map { Int64($0) } }
                ?? test.bits(column.type).map { Int64(bitPattern: $0) }
            guard let wanted else { continue }
            rows.formUnion(try self.rows(index, values) { $0 == wanted })
        }
        return rows
    }

    private func rows(with sought: [UInt8]) throws(EventError) -> RowSet {
        let wantedOrigins = originHeads.map { QueryPlan.contains(sought, inResource: $0) }
        var rows =
            wantedOrigins.contains(true)
            ? self.rows(origins) { wantedOrigins.indices.contains(Int($0)) && wantedOrigins[Int($0)] }
            : RowSet(rows: count)
        if let wanted = found(sought, in: nameTexts) { rows.formUnion(self.rows(names) { wanted[Int($0)] }) }
        for (index, column) in try attributeTables().columns.enumerated() where column.type == .string {
            let (values, texts, _) = try self.values(index)
            guard let texts, let wanted = found(sought, in: texts) else { continue }
            rows.formUnion(try self.rows(index, values) { wanted.indices.contains(Int($0)) && wanted[Int($0)] })
        }
        rows.formUnion(
            try self.rows(withExtras: { SpanExtras.contain($0) { QueryPlan.contains(sought, in: $0) } })
        )
        return rows
    }

    /// Which texts contain what is sought; `nil` for none.
    private func found(_ sought: [UInt8], in texts: TextDictionary) -> [Bool]? {
        var wanted = [Bool](repeating: false, count: texts.count)
        var isAny = false
        texts.forEach { index, text in
            guard QueryPlan.contains(sought, in: text.span) else { return }
            wanted[index] = true
            isAny = true
        }
        return isAny ? wanted : nil
    }

    /// The rows of which a value of a column is wanted.
    func rows(
        _ column: Int,
        _ values: IntegerColumn,
        where isWanted: (Int64) -> Bool
    ) throws(EventError) -> RowSet {
        let shapes = try attributeTables().shapes
        let shapeCodes = try integers(SpanSections.shapes, count)
        // How many values of the column each shape has: usually one or none.
        let multiples = shapes.map { shape in shape.count { $0 == column } }
        var rows = RowSet(rows: count)
        if multiples.allSatisfy({ $0 == 1 }), values.count == count {
            values.forEach(in: 0..<count) { row, value in
                if isWanted(value) { rows.insert(row) }
            }
            return rows
        }
        var hits: [Int] = []
        values.forEach(in: 0..<values.count) { place, value in
            if isWanted(value) { hits.append(place) }
        }
        guard !hits.isEmpty else { return rows }
        var (place, next) = (0, 0)
        shapeCodes.forEach(in: 0..<count) { row, code in
            guard next < hits.count, multiples.indices.contains(Int(code)) else { return }
            place += multiples[Int(code)]
            while next < hits.count, hits[next] < place {
                rows.insert(row)
                next += 1
            }
        }
        return rows
    }
}
