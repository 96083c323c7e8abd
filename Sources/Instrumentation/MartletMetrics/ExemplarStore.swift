import CMartletCells
import MartletCore

/// The ids of the trace that an observation was part of, as its exemplar shows them: `trace_id` and `span_id`.
public struct TraceReference: Hashable, Sendable {
    /// The higher and lower half of the trace's id.
    public var high: UInt64
    /// The lower half of the trace's id.
    public var low: UInt64
    /// The span's id; 0 for none.
    public var span: UInt64

    /// Creates a reference.
    @inlinable
    public init(high: UInt64, low: UInt64, span: UInt64 = 0) {
        self.high = high
        self.low = low
        self.span = span
    }
}

/// Takes exemplars and gives them back; see the C header for how.
enum ExemplarStore {
    /// Notes the ids of a trace, without an allocation once the cell had an exemplar.
    @inline(never)
    static func note(_ trace: TraceReference, value: Double, cell: UInt32) {
        var bytes = InlineArray<80, UInt8>(repeating: 0)
        var place = 0
        func append(_ text: StaticString, _ words: (UInt64, UInt64), digits: Int) {
            bytes[place] = UInt8(text.utf8CodeUnitCount)
            for offset in 0..<text.utf8CodeUnitCount { bytes[place + 1 + offset] = unsafe text.utf8Start[offset] }
            place += 1 + text.utf8CodeUnitCount
            bytes[place] = UInt8(digits)
            for digit in 0..<digits {
                let fromEnd = digits - 1 - digit
                let word = fromEnd < 16 ? words.1 : words.0
                let value = UInt8(truncatingIfNeeded: word >> UInt64(4 * (fromEnd % 16))) & 15
                bytes[place + 1 + digit] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            }
            place += 1 + digits
        }
        append("trace_id", (trace.high, trace.low), digits: 32)
        if trace.span != 0 { append("span_id", (0, trace.span), digits: 16) }
        let count = place
        let now = SystemWallClock().millisecondsSinceEpoch
        unsafe bytes.span.withUnsafeBufferPointer {
            _ = unsafe martlet_exemplar_note(cell, value, now, $0.baseAddress, count)
        }
    }

    /// Notes any labels; too long ones are dropped and counted.
    @inline(never)
    static func note(_ labels: LabelSet, value: Double, cell: UInt32) {
        var bytes: [UInt8] = []
        for label in labels {
            for text in [label.name, label.value] {
                bytes.append(UInt8(clamping: text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        let now = SystemWallClock().millisecondsSinceEpoch
        unsafe bytes.withUnsafeBufferPointer {
            _ = unsafe martlet_exemplar_note(cell, value, now, $0.baseAddress, $0.count)
        }
    }

    static func exemplar(of cell: UInt32) -> Exemplar? {
        guard martlet_exemplars_any() else { return nil }
        var found = martlet_exemplar()
        guard unsafe martlet_exemplar_get(cell, &found) else { return nil }
        let count = Int(found.count)
        let bytes = unsafe withUnsafeBytes(of: &found.labels) { unsafe Array($0.prefix(count)) }
        var labels: [Label] = []
        var place = 0
        func next() -> String {
            let length = Int(bytes[place])
            defer { place += 1 + length }
            return String(decoding: bytes[(place + 1)..<(place + 1 + length)], as: UTF8.self)
        }
        while place < bytes.count {
            let name = next()
            labels.append(Label(name, next()))
        }
        return Exemplar(labels: LabelSet(labels), value: found.value, timestamp: found.milliseconds)
    }
}
