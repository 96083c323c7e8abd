import MartletCore
import MartletMetrics

// Safety: the buffer is as long as `bytesMax` says for each block that is written into it; every write is counted there.

/// Writes a registry's blocks in the text format: label texts are copied as they are, only numbers are made anew.
@safe
struct BlockWriter {
    private static let pairs: [UInt16] = (0..<100).map { UInt16(48 + $0 / 10) | UInt16(48 + $0 % 10) << 8 }

    /// A block, with what its lines have in common.
    private struct Plan {
        var block: MetricBlock
        var head: [UInt8]
        var name: [UInt8]
        /// Of a histogram: `le="0.1"} ` of each bucket.
        var bounds: [[UInt8]] = []
        /// Lines that were written already.
        var lines: [UInt8] = []

        var bytesMax: Int {
            // A number takes at most 24 bytes, the suffix of a histogram's name at most 7, brackets and newline 4.
            let line = name.count + 40
            let text = block.labelText.count
            switch block.values {
            case .counts, .numbers: return head.count + text + block.count * line
            case .histograms:
                let longest = bounds.map(\.count).max() ?? 0
                return head.count + (bounds.count + 2) * (text + block.count * (line + longest))
            case .series: return lines.count
            }
        }
    }

    static func text(_ blocks: [MetricBlock]) -> [UInt8] {
        let plans = blocks.map(plan)
        let bytesMax = plans.reduce(0) { $0 + $1.bytesMax }
        return unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            unsafe pairs.withUnsafeBufferPointer { pairs in
                var cursor = unsafe Cursor(UnsafeMutableRawPointer(start), pairs)
                for plan in plans { write(plan, to: &cursor) }
                count = unsafe cursor.place - UnsafeMutableRawPointer(start)
            }
        }
    }

    private static func plan(_ block: MetricBlock) -> Plan {
        if case .series(let series) = block.values {
            let family = MetricFamily(block.name, metadata: block.metadata, kind: block.kind, series: series)
            return Plan(block: block, head: [], name: [], lines: lines(of: family))
        }
        let head = lines(of: MetricFamily(block.name, metadata: block.metadata, kind: block.kind, series: []))
        var plan = Plan(block: block, head: head, name: Array(block.name.utf8))
        if case .histograms(let upperBounds, _, _) = block.values {
            plan.bounds = (upperBounds + [.infinity]).map { Array("le=\"\(FloatText.general($0))\"} ".utf8) }
        }
        return plan
    }

    private static func lines(of family: MetricFamily) -> [UInt8] {
        var writer = TextWriter([], escaping: .underscores)
        guard writer.open(family) else { return [] }
        for series in family.series { writer.write(series, of: family) }
        writer.close(family)
        return writer.bytes
    }

    private static func write(_ plan: Plan, to cursor: inout Cursor) {
        let block = plan.block
        cursor.copy(plan.lines)
        cursor.copy(plan.head)
        switch block.values {
        case .counts(let counts, let fractions):
            let isWhole = fractions.isEmpty
            unsafe forEachSeries(of: block) { index, labels in
                unsafe cursor.start(plan.name, labels)
                let rest = isWhole ? 0 : fractions[index]
                if rest == 0 {
                    cursor.put(counts[index])
                } else if let whole = UInt64(exactly: rest), !counts[index].addingReportingOverflow(whole).overflow {
                    cursor.put(counts[index] + whole)
                } else {
                    cursor.put(Double(counts[index]) + rest)
                }
                cursor.put(UInt8(ascii: "\n"))
            }
        case .numbers(let numbers):
            unsafe forEachSeries(of: block) { index, labels in
                unsafe cursor.start(plan.name, labels)
                cursor.put(numbers[index])
                cursor.put(UInt8(ascii: "\n"))
            }
        case .histograms(_, let counts, let sums):
            unsafe forEachSeries(of: block) { index, labels in
                var running: UInt64 = 0
                for (bucket, bound) in plan.bounds.enumerated() {
                    running &+= counts[index * plan.bounds.count + bucket]
                    cursor.copy(plan.name)
                    cursor.copy("_bucket{")
                    unsafe cursor.copy(labels)
                    if unsafe !labels.isEmpty { cursor.put(UInt8(ascii: ",")) }
                    cursor.copy(bound)
                    cursor.put(running)
                    cursor.put(UInt8(ascii: "\n"))
                }
                cursor.copy(plan.name)
                unsafe cursor.start("_sum", labels)
                cursor.put(sums[index])
                cursor.put(UInt8(ascii: "\n"))
                cursor.copy(plan.name)
                unsafe cursor.start("_count", labels)
                cursor.put(running)
                cursor.put(UInt8(ascii: "\n"))
            }
        case .series: break
        }
    }

    private static func forEachSeries(of block: MetricBlock, _ body: (Int, UnsafeRawBufferPointer) -> Void) {
        unsafe block.labelText.withUnsafeBytes { text in
            var start = 0
            for (index, end) in block.labelEnds.enumerated() {
                unsafe body(index, UnsafeRawBufferPointer(rebasing: text[start..<Int(end)]))
                start = Int(end)
            }
        }
    }

    /// A place in the buffer that moves on with each write.
    @safe
    private struct Cursor {
        var place: UnsafeMutableRawPointer
        private let pairs: UnsafeBufferPointer<UInt16>

        init(_ place: UnsafeMutableRawPointer, _ pairs: UnsafeBufferPointer<UInt16>) {
            unsafe self.place = unsafe place
            unsafe self.pairs = unsafe pairs
        }

        mutating func put(_ byte: UInt8) {
            unsafe place.storeBytes(of: byte, as: UInt8.self)
            unsafe place += 1
        }

        mutating func copy(_ bytes: [UInt8]) {
            unsafe bytes.withUnsafeBytes { unsafe copy($0) }
        }

        mutating func copy(_ text: StaticString) {
            unsafe copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }

        mutating func copy(_ bytes: UnsafeRawBufferPointer) {
            guard let start = bytes.baseAddress else { return }
            unsafe place.copyMemory(from: start, byteCount: bytes.count)
            unsafe place += bytes.count
        }

        /// Writes `name{labels} `.
        mutating func start(_ name: [UInt8], _ labels: UnsafeRawBufferPointer) {
            copy(name)
            unsafe startLabels(labels)
        }

        mutating func start(_ suffix: StaticString, _ labels: UnsafeRawBufferPointer) {
            copy(suffix)
            unsafe startLabels(labels)
        }

        private mutating func startLabels(_ labels: UnsafeRawBufferPointer) {
            if unsafe !labels.isEmpty {
                put(UInt8(ascii: "{"))
                unsafe copy(labels)
                put(UInt8(ascii: "}"))
            }
            put(UInt8(ascii: " "))
        }

        mutating func put(_ value: UInt64) {
            if value < 10 { return put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
            var length = 2
            var power: UInt64 = 100
            while length < 20, value >= power {
                length += 1
                let (next, overflow) = power.multipliedReportingOverflow(by: 10)
                if overflow { break }
                power = next
            }
            var rest = value
            var end = unsafe place + length
            unsafe place += length
            while rest >= 100 {
                unsafe end -= 2
                unsafe end.storeBytes(of: pairs[Int(truncatingIfNeeded: rest % 100)], as: UInt16.self)
                rest /= 100
            }
            if rest >= 10 {
                unsafe (end - 2).storeBytes(of: pairs[Int(truncatingIfNeeded: rest)], as: UInt16.self)
            } else {
                unsafe (end - 1).storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest), as: UInt8.self)
            }
        }

        mutating func put(_ value: Double) {
            if value >= 0, value < 1e15, value.sign == .plus, let whole = UInt64(exactly: value) { return put(whole) }
            copy(Array(FloatText.shortest(value).utf8))
        }
    }
}
