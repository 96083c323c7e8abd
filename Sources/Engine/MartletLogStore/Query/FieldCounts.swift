import MartletCore
import MartletEvents
import MartletOTLP
import MartletSearch

/// Counts the values of a field.
struct FieldCounts {
    /// How many different values are counted; the rest counts as one.
    static let valuesMax = 100_000

    let field: SearchField
    private let places: FieldPlaces
    private(set) var counts: [String: Int] = [:]
    private(set) var missing = 0

    init(_ field: SearchField) {
        self.field = field
        places = FieldPlaces(field)
    }

    /// The most frequent values.
    func facet(_ most: Int) -> LogAnswer.Facet {
        let values = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most)
        return LogAnswer.Facet(
            field: field,
            values: values.map { LogAnswer.Value(text: $0.key, count: $0.value) },
            distinct: counts.count,
            missing: missing
        )
    }

    /// Takes what another counted, in other parts.
    mutating func merge(_ other: FieldCounts) {
        missing += other.missing
        for (text, count) in other.counts where counts[text] != nil || counts.count < Self.valuesMax {
            counts[text, default: 0] += count
        }
    }

    mutating func add(_ found: RowSet, _ part: some LogPart) throws(EventError) {
        var counts = counts
        var seen = RowSet(rows: part.count)
        func add(_ text: String, _ count: Int) {
            guard counts[text] != nil || counts.count < Self.valuesMax else { return }
            counts[text, default: 0] += count
        }
        var isDone = false
        try Self.forEachSource(of: places, found, part) { source throws(EventError) in
            guard !isDone else { return }
            switch source {
            case .column(let index, let type):
                if seen.isEmpty, let own = try part.tally(column: index, found) {
                    // Each record has just one value, so that codes are counted without looking at records one by one.
                    for (code, count) in own.enumerated() where count > 0 {
                        add(try Self.text(part, index, type, UInt64(code)), count)
                    }
                    (seen, isDone) = (found, true)
                    return
                }
                var tally: [UInt64: Int] = [:]
                if type.isText {
                    var dense: [Int] = []
                    try part.forEachValue(of: index, found) { row, bits in
                        guard !seen.contains(row) else { return }
                        seen.insert(row)
                        while dense.count <= Int(bits) { dense.append(0) }
                        dense[Int(bits)] += 1
                    }
                    for (code, count) in dense.enumerated() where count > 0 { tally[UInt64(code)] = count }
                } else {
                    try part.forEachValue(of: index, found) { row, bits in
                        guard !seen.contains(row) else { return }
                        seen.insert(row)
                        tally[bits, default: 0] += 1
                    }
                }
                for (bits, count) in tally { add(try Self.text(part, index, type, bits), count) }
            case .origin(let texts):
                var tally = [Int](repeating: 0, count: texts.count)
                try part.forEachOrigin(found) { row, origin in
                    guard texts[origin] != nil, !seen.contains(row) else { return }
                    seen.insert(row)
                    tally[origin] += 1
                }
                for (origin, count) in tally.enumerated() where count > 0 { add(texts[origin] ?? "", count) }
            case .kind(let texts):
                if seen.isEmpty, !texts.contains(nil), let own = try part.tallyKinds(found) {
                    for (kind, count) in own.enumerated() where count > 0 { add(texts[kind] ?? "", count) }
                    (seen, isDone) = (found, true)
                    return
                }
                var tally = [Int](repeating: 0, count: texts.count)
                try part.forEachKind(found) { row, kind in
                    guard texts[kind] != nil, !seen.contains(row) else { return }
                    seen.insert(row)
                    tally[kind] += 1
                }
                for (kind, count) in tally.enumerated() where count > 0 { add(texts[kind] ?? "", count) }
            case .row(let text):
                for row in found.rowNumbers {
                    guard let own = try text(row) else { continue }
                    seen.insert(row)
                    add(own, 1)
                }
            }
        }
        self.counts = counts
        missing += found.count - seen.count
    }

    /// The field's value of each record that has one.
    static func texts(of field: SearchField, _ found: RowSet, _ part: some LogPart) throws(EventError) -> [Int: String]
    {
        var result: [Int: String] = [:]
        try forEachSource(of: FieldPlaces(field), found, part) { source throws(EventError) in
            switch source {
            case .column(let index, let type):
                var (known, codes): ([UInt64: String], [(row: Int, bits: UInt64)]) = ([:], [])
                try part.forEachValue(of: index, found) { row, bits in
                    if result[row] == nil { codes.append((row, bits)) }
                }
                for (row, bits) in codes {
                    if let text = known[bits] {
                        result[row] = text
                        continue
                    }
                    let text = try Self.text(part, index, type, bits)
                    known[bits] = text
                    result[row] = text
                }
            case .origin(let texts):
                try part.forEachOrigin(found) { row, origin in
                    if let text = texts[origin], result[row] == nil { result[row] = text }
                }
            case .kind(let texts):
                try part.forEachKind(found) { row, kind in
                    if let text = texts[kind], result[row] == nil { result[row] = text }
                }
            case .row(let text):
                for row in found.rowNumbers {
                    if let own = try text(row) { result[row] = own }
                }
            }
        }
        return result
    }

    private enum Source {
        case column(Int, ValueType)
        case origin([String?])
        case kind([String?])
        case row((Int) throws(EventError) -> String?)
    }

    private static func forEachSource(
        of places: FieldPlaces,
        _ found: RowSet,
        _ part: some LogPart,
        _ body: (Source) throws(EventError) -> Void
    ) throws(EventError) {
        switch places.special {
        case .level:
            try body(
                .kind(part.kinds.map { SeverityWords.name(of: $0.effectiveSeverity) }.map { $0.isEmpty ? nil : $0 })
            )
            return
        case .trace:
            try body(.row { row throws(EventError) in try part.record(row).entry.traceID.nonEmpty })
            return
        case .span:
            try body(.row { row throws(EventError) in try part.record(row).entry.spanID.nonEmpty })
            return
        case .time:
            try body(
                .row { row throws(EventError) in
                    RFC3339.string(nanosecondsSinceEpoch: try part.record(row).time, fractionDigits: 9)
                }
            )
            return
        case .message:
            try body(.row { row throws(EventError) in String(decoding: try part.message(row), as: UTF8.self) })
            return
        case .none: break
        }
        for name in places.attributes {
            let key = Array(name.utf8)
            for (index, column) in part.columnList.enumerated() where column.key == key {
                try body(.column(index, column.type))
            }
        }
        if places.hasEventName { try body(.kind(part.kinds.map { $0.eventName.isEmpty ? nil : $0.eventName })) }
        let texts = part.origins.map { origin -> String? in
            let attributes = origin.value.resource.attributes
            if let found = attributes.first(where: { places.resource.contains($0.key) }) { return found.value.text }
            return places.hasScope && !origin.scope.name.isEmpty ? origin.scope.name : nil
        }
        if texts.contains(where: { $0 != nil }) { try body(.origin(texts)) }
    }

    private static func text(
        _ part: some LogPart,
        _ column: Int,
        _ type: ValueType,
        _ bits: UInt64
    ) throws(EventError) -> String {
        type.value(bits, type.isText ? try part.text(column: column, bits) : []).text
    }
}

extension TraceID {
    fileprivate var nonEmpty: String? { isValid ? description : nil }
}

extension SpanID {
    fileprivate var nonEmpty: String? { isValid ? description : nil }
}

extension RowSet {
    /// The rows, in order.
    var rowNumbers: [Int] {
        var rows: [Int] = []
        forEach { rows.append($0) }
        return rows
    }
}
