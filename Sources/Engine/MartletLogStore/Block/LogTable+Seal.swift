import MartletCore
import MartletEvents
import MartletFiles
import MartletSearch

extension LogTable {
    /// Writes everything as a sealed block's columns; the rows stay in the order of arrival.
    func write(to block: BlockWriter) { write(to: block, isCold: false) }

    /// Writes everything as a block's columns, in the smaller form that takes longer to search where that is said.
    func write(to block: BlockWriter, isCold: Bool) {
        var base: [UInt8] = []
        base.append(littleEndian: self.base)
        base.append(hasRisingTimes ? 1 : 0)
        block.add(LogSections.base, base)
        writeTimes(to: block)
        writeShared(to: block)
        RecentIDs.write(count: count, to: block, LogSections.traces, width: 16) { (traces[$0].high, traces[$0].low) }
        RecentIDs.write(count: count, to: block, LogSections.spans, width: 8) { (spans[$0], 0) }
        writeExtras(to: block)
        writeAttributes(to: block)
        writeMessages(to: block, isCold: isCold)
    }

    /// Whether no record is older than the one that arrived before it.
    private var hasRisingTimes: Bool {
        for row in 0..<max(0, count - 1) where times[row] > times[row + 1] { return false }
        return true
    }

    private func writeTimes(to block: BlockWriter) {
        var (deltas, starts): ([Int64], [Int64]) = ([], [])
        deltas.reserveCapacity(count)
        for row in 0..<count {
            if row % IntegerColumn.granule == 0 {
                starts.append(times[row])
                // The first of a granule stands elsewhere; what is usual here keeps the others narrow.
                deltas.append(row + 1 < count ? times[row + 1] &- times[row] : 0)
            } else {
                deltas.append(times[row] &- times[row - 1])
            }
        }
        block.add(LogSections.times, IntegerColumnWriter.encode(deltas))
        block.add(LogSections.granuleTimes, IntegerColumnWriter.encode(starts))
        let codes = (0..<count).map { row in
            observed[row] == 0
                ? 0
                : Int64(truncatingIfNeeded: zigzag(Int64(bitPattern: observed[row]) &- times[row]) &+ 1)
        }
        block.add(LogSections.observed, IntegerColumnWriter.encode(codes))
    }

    private func writeShared(to block: BlockWriter) {
        var table: [UInt8] = []
        table.append(varint: UInt64(kinds.count))
        for kind in kinds {
            table.append(kind.severity)
            table.append(kind.body.rawValue)
            table.append(littleEndian: kind.flags)
            for text in [kind.severityText, kind.eventName] {
                table.append(varint: UInt64(text.utf8.count))
                table += Array(text.utf8)
            }
        }
        block.add(LogSections.kindTable, table)
        block.add(LogSections.kinds, IntegerColumnWriter.encode(kindCodes.map { Int64($0) }))
        var heads: [UInt8] = []
        heads.append(varint: UInt64(origins.count))
        for origin in origins {
            heads.append(varint: UInt64(origin.heads.count))
            heads += origin.heads
        }
        block.add(LogSections.originTable, heads)
        block.add(LogSections.origins, IntegerColumnWriter.encode(originCodes.map { Int64($0) }))
    }

    private func writeExtras(to block: BlockWriter) {
        guard !extras.isEmpty else { return }
        var (rows, ends, bytes): ([Int64], [Int64], [UInt8]) = ([], [], [])
        for row in extras.keys.sorted() {
            bytes += extras[row] ?? []
            rows.append(Int64(row))
            ends.append(Int64(bytes.count))
        }
        block.add(LogSections.extraRows, IntegerColumnWriter.encode(rows))
        block.add(LogSections.extraEnds, IntegerColumnWriter.encode(ends))
        block.add(LogSections.extraBytes, bytes)
    }

    // MARK: Attributes

    private func writeAttributes(to block: BlockWriter) {
        var valuesOf = [[UInt64]](repeating: [], count: columns.count)
        var startsOf = [[Int64]](repeating: [], count: columns.count)
        let isDense = columns.indices.map { column in
            shapeColumns.allSatisfy { shape in shape.count { $0 == column } == 1 }
        }
        if isDense.contains(false) { gatherOthers(isDense, &valuesOf, &startsOf) }
        var table: [UInt8] = []
        table.append(varint: UInt64(columns.count))
        for (index, column) in columns.enumerated() {
            let values = isDense[index] ? denseValues(UInt32(index)) : valuesOf[index]
            table.append(varint: UInt64(column.key.count))
            table += column.key
            table.append(column.type.rawValue)
            table.append(column.type == .double ? write(doubles: values, index, to: block) : 0)
            if !isDense[index] {
                block.add(LogSections.valueStarts(index), IntegerColumnWriter.encode(startsOf[index]))
            }
            switch column.type {
            case .double: break
            case .string, .bytes, .compound: write(texts: column.texts, values, index, to: block)
            case .bool, .int, .empty:
                block.add(
                    LogSections.values(index),
                    IntegerColumnWriter.encode(values.map { Int64(bitPattern: $0) })
                )
            }
        }
        table.append(varint: UInt64(shapeColumns.count))
        for shape in shapeColumns {
            table.append(varint: UInt64(shape.count))
            for column in shape { table.append(varint: UInt64(column)) }
        }
        block.add(LogSections.shapeTable, table)
        block.add(LogSections.shapes, IntegerColumnWriter.encode(shapes.map { Int64($0) }))
    }

    /// The values of a column that every record has once.
    private func denseValues(_ column: UInt32) -> [UInt64] {
        let places = shapeColumns.map { UInt32($0.firstIndex(of: column) ?? 0) }
        return (0..<count).map { row in values[Int(valueStarts[row] + places[Int(shapes[row])])] }
    }

    /// The values of the other columns, and how many there are before each granule.
    private func gatherOthers(_ isDense: [Bool], _ valuesOf: inout [[UInt64]], _ startsOf: inout [[Int64]]) {
        let others = columns.indices.filter { !isDense[$0] }
        let wanted = shapeColumns.map { shape in
            shape.indices.filter { !isDense[Int(shape[$0])] }.map { (place: $0, column: Int(shape[$0])) }
        }
        for row in 0..<count {
            if row % IntegerColumn.granule == 0 {
                for column in others { startsOf[column].append(Int64(valuesOf[column].count)) }
            }
            let start = Int(valueStarts[row])
            for (place, column) in wanted[Int(shapes[row])] { valuesOf[column].append(values[start + place]) }
        }
    }

    private func write(texts: TextTable, _ values: [UInt64], _ index: Int, to block: BlockWriter) {
        let order = texts.sortedCodes()
        var rank = [Int64](repeating: 0, count: texts.count)
        for (place, code) in order.enumerated() { rank[Int(code)] = Int64(place) }
        block.add(LogSections.values(index), IntegerColumnWriter.encode(values.map { rank[Int($0)] }))
        block.add(LogSections.texts(index), TextDictionaryWriter.encode(order.map { texts.bytes($0) }))
    }

    /// Writes numbers as whole ones with a decimal point where that loses nothing.
    ///
    /// - Returns: How many decimals there are, or ``LogBlock/isBits`` where the bits stand as they are.
    private func write(doubles: [UInt64], _ index: Int, to block: BlockWriter) -> UInt8 {
        var decimals = 0
        for bits in doubles {
            let value = Double(bitPattern: bits)
            while decimals < LogBlock.powers.count, !Self.isExact(value, decimals) { decimals += 1 }
            if decimals == LogBlock.powers.count { break }
        }
        // A number that few decimals tell exactly may be too large for more.
        guard decimals < LogBlock.powers.count,
            doubles.allSatisfy({ Self.isExact(Double(bitPattern: $0), decimals) })
        else {
            block.add(LogSections.values(index), IntegerColumnWriter.encode(doubles.map { Int64(bitPattern: $0) }))
            return LogBlock.isBits
        }
        let power = LogBlock.powers[decimals]
        let whole = doubles.map { Int64((Double(bitPattern: $0) * power).rounded()) }
        block.add(LogSections.values(index), IntegerColumnWriter.encode(whole))
        return UInt8(decimals)
    }

    private static func isExact(_ value: Double, _ decimals: Int) -> Bool {
        let scaled = (value * LogBlock.powers[decimals]).rounded()
        guard abs(scaled) < 9e15 else { return false }
        return (Double(Int64(scaled)) / LogBlock.powers[decimals]).bitPattern == value.bitPattern
    }
}

extension TextTable {
    /// The numbers of the texts in the order of their bytes.
    func sortedCodes() -> [UInt32] {
        var keys: [(head: UInt64, code: UInt32)] = []
        keys.reserveCapacity(count)
        for code in 0..<UInt32(count) { keys.append((withText(code) { $0.head }, code)) }
        keys.sort { left, right in
            if left.head != right.head { return left.head < right.head }
            return withText(left.code) { first in withText(right.code) { first.isBefore($0) } }
        }
        return keys.map(\.code)
    }
}

extension Span<UInt8> {
    /// The first eight bytes as a number that orders as they do.
    var head: UInt64 {
        if count >= 8 { return uint64(at: 0).byteSwapped }
        var head: UInt64 = 0
        for place in 0..<8 { head = head << 8 | (place < count ? UInt64(self[place]) : 0) }
        return head
    }
}
