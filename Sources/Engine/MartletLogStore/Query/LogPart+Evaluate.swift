import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP
import MartletSearch
import MartletSeries

extension LogPart {
    /// The records that meet a condition, among some or all.
    func rows(
        _ plan: LogPlan,
        among: RowSet?,
        _ budget: SearchBudget
    ) throws(EventError) -> RowSet {
        switch plan {
        case .all: return among ?? RowSet(rows: count, isFull: true)
        case .nothing: return RowSet(rows: count)
        case .words(let words): return try rows([words], among)
        case .message(let pattern): return try rows(pattern: { pattern.matches($0.string) }, among, budget)
        case .severities(let range):
            let wanted = kinds.map { range.contains($0.effectiveSeverity) }
            return try rows(ofKinds: wanted, among)
        case .times(let range):
            var result = RowSet(rows: count)
            try forEachTime(among) { row, time in if range.contains(time) { result.insert(row) } }
            return result
        case .trace(let id): return try limited(try rows(trace: id), among)
        case .span(let id): return try limited(try rows(span: id), among)
        case .field(let places, let test): return try rows(places, test, among)
        case .not(let inner):
            var result = among ?? RowSet(rows: count, isFull: true)
            result.formSubtraction(try rows(inner, among: among, budget))
            return result
        case .and(let parts):
            var result = among
            // All words at once, so that the rarest of all is looked for, and only where the others are too.
            var words: [WordsTest] = []
            var lastWords: Int?
            for (place, part) in parts.enumerated() {
                guard case .words(let test) = part else { continue }
                words.append(test)
                lastWords = place
            }
            for (place, part) in parts.enumerated() {
                if case .words = part, place != lastWords { continue }
                let found = place == lastWords ? try rows(words, result) : try rows(part, among: result, budget)
                if found.isEmpty { return found }
                result = found
            }
            return result ?? RowSet(rows: count, isFull: true)
        case .or(let parts):
            var result = RowSet(rows: count)
            for part in parts { result.formUnion(try rows(part, among: among, budget)) }
            return result
        }
    }

    private func limited(_ rows: RowSet, _ among: RowSet?) throws(EventError) -> RowSet {
        guard let among else { return rows }
        var rows = rows
        rows.formIntersection(among)
        return rows
    }

    private func rows(ofKinds wanted: [Bool], _ among: RowSet?) throws(EventError) -> RowSet {
        if wanted.allSatisfy({ $0 }) { return among ?? RowSet(rows: count, isFull: true) }
        var result = RowSet(rows: count)
        guard wanted.contains(true) else { return result }
        if let rows = try rows(kinds: wanted, among) { return rows }
        try forEachKind(among) { row, kind in if wanted[kind] { result.insert(row) } }
        return result
    }

    /// Looks at the texts of messages one by one, until the time is over.
    private func rows(
        pattern matches: (Span<UInt8>) -> Bool,
        _ among: RowSet?,
        _ budget: SearchBudget
    ) throws(EventError) -> RowSet {
        var result = RowSet(rows: count)
        var looked = 0
        for row in 0..<count where among?.contains(row) ?? true {
            looked += 1
            if looked & 255 == 0, budget.isOver() { break }
            let text = try message(row)
            budget.read(text.count)
            if matches(text.span) { result.insert(row) }
        }
        return result
    }

    private func rows(_ places: FieldPlaces, _ test: ValueTest, _ among: RowSet?) throws(EventError) -> RowSet {
        var result = RowSet(rows: count)
        if places.special == .level {
            let wanted = kinds.map { test.matches(Array(SeverityWords.name(of: $0.effectiveSeverity).utf8).span) }
            return try rows(ofKinds: wanted, among)
        }
        for name in places.attributes {
            let key = Array(name.utf8)
            let scale = ValueScale(key: key)
            for (index, column) in columnList.enumerated() where column.key == key {
                try insert(column: index, column.type, test, scale, among, &result)
            }
        }
        let wantedOrigins = origins.map { origin in
            if places.hasScope, test.matches(Array(origin.scope.name.utf8).span), !origin.scope.name.isEmpty {
                return true
            }
            return origin.value.resource.attributes.contains { attribute in
                places.resource.contains(attribute.key) && test.matches(Array(attribute.value.text.utf8).span)
            }
        }
        if wantedOrigins.contains(true) {
            try forEachOrigin(among) { row, origin in if wantedOrigins[origin] { result.insert(row) } }
        }
        if places.hasEventName {
            let wanted = kinds.map { !$0.eventName.isEmpty && test.matches(Array($0.eventName.utf8).span) }
            if wanted.contains(true) { result.formUnion(try rows(ofKinds: wanted, among)) }
        }
        return result
    }

    private func insert(
        column: Int,
        _ type: ValueType,
        _ test: ValueTest,
        _ scale: ValueScale,
        _ among: RowSet?,
        _ result: inout RowSet
    ) throws(EventError) {
        var rows = result
        switch type {
        case .string, .bytes, .compound:
            if type == .string, let text = test.onlyText {
                guard let code = try code(column: column, of: text) else { return }
                if among?.isSparse != true {
                    var wanted = [Bool](repeating: false, count: Int(code) + 1)
                    wanted[Int(code)] = true
                    if let own = try self.rows(column: column, where: wanted, among) {
                        return result.formUnion(own)
                    }
                }
                try forEachValue(of: column, among) { row, bits in if bits == code { rows.insert(row) } }
            } else {
                let unit = test.operandUnit.map { scale.factor($0) } ?? 1
                var wanted: [Bool] = []
                try forEachText(column: column) { code, text in
                    while wanted.count <= Int(code) { wanted.append(false) }
                    wanted[Int(code)] =
                        type == .string
                        ? test.matches(text, unit: unit) : test.matches(type.shown(text.array).span, unit: unit)
                }
                guard wanted.contains(true) else { return }
                if let own = try self.rows(column: column, where: wanted, among) { return result.formUnion(own) }
                try forEachValue(of: column, among) { row, bits in if wanted[Int(bits)] { rows.insert(row) } }
            }
        case .int:
            try forEachValue(of: column, among) { row, bits in
                let number = Int64(bitPattern: bits)
                if test.matches(Double(number), text: String(number), scale: scale) { rows.insert(row) }
            }
        case .double:
            try forEachValue(of: column, among) { row, bits in
                let number = Double(bitPattern: bits)
                if test.matches(number, text: FloatText.shortest(number), scale: scale) { rows.insert(row) }
            }
        case .bool:
            let (no, yes) = (test.matches(false), test.matches(true))
            try forEachValue(of: column, among) { row, bits in if bits == 0 ? no : yes { rows.insert(row) } }
        case .empty:
            guard test.test == .exists else { return }
            try forEachValue(of: column, among) { row, _ in rows.insert(row) }
        }
        result = rows
    }
}

extension LogTable.Kind {
    /// The severity, from the word where there is no number.
    var effectiveSeverity: UInt8 {
        severity != 0 ? severity : SeverityWords.range(of: severityText)?.lowerBound ?? 0
    }
}

extension ValueType {
    /// The text that a stored text of this type is shown as.
    func shown(_ text: [UInt8]) -> [UInt8] {
        switch self {
        case .bytes: Array(Base64.encode(text).utf8)
        case .compound: Array(LogMessage.value(text).text.utf8)
        default: text
        }
    }
}
