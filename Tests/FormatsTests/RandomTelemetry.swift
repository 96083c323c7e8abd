import Foundation
import MartletCore

/// The bytes that hexadecimal digits stand for, blanks left out.
func goldenBytes(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8.filter { $0 > 0x20 })
    return stride(from: 0, to: digits.count, by: 2).compactMap { place in
        UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16)
    }
}

/// The files that are the measure of what is compatible; they lie beside the checkout.
enum Conformance {
    static func data(_ path: String) -> Data? {
        let directory =
            ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE_DIR"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/conformance")
        return try? Data(contentsOf: directory.appending(path: path))
    }
}

/// Chance that can be repeated: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    mutating func text() -> String {
        let length = [0, 1, 7, 15, 16, 127, 128, 300].randomElement(using: &self) ?? 0
        return String(
            (0..<length).map { _ in ["a", "ä", "€", "\"", "\n", "😀", "z"].randomElement(using: &self) ?? "x" }
        )
    }

    mutating func value(depth: Int = 0) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 3 ? 8 : 6), using: &self) {
        case 0: .string(text())
        case 1: .bool(.random(using: &self))
        case 2: .int(.random(in: .min ... .max, using: &self))
        case 3: .double(.random(in: -1e9...1e9, using: &self))
        case 4: .bytes((0..<5).map { _ in .random(in: 0...255, using: &self) })
        case 5: .empty
        case 6: .array((0..<3).map { _ in value(depth: depth + 1) })
        default: .map((0..<3).map { _ in Attribute(text(), value(depth: depth + 1)) })
        }
    }

    mutating func attributes() -> [Attribute] {
        (0..<Int.random(in: 0...5, using: &self)).map { _ in Attribute(text(), value()) }
    }

    mutating func traceID() -> TraceID { TraceID(high: next(), low: next() | 1) }

    mutating func span() -> FinishedSpan {
        FinishedSpan(
            traceID: traceID(),
            spanID: SpanID(next() | 1),
            parentID: SpanID(Bool.random(using: &self) ? next() : 0),
            traceState: text(),
            flags: UInt32(truncatingIfNeeded: next()),
            name: text(),
            kind: SpanKind.allCases.randomElement(using: &self) ?? .internal,
            start: next(),
            end: next(),
            attributes: attributes(),
            droppedAttributes: UInt32(truncatingIfNeeded: next()),
            events: (0..<Int.random(in: 0...2, using: &self)).map { _ in
                SpanEvent(time: next(), name: text(), attributes: attributes(), droppedAttributes: 1)
            },
            droppedEvents: UInt32(truncatingIfNeeded: next()),
            links: (0..<Int.random(in: 0...2, using: &self)).map { _ in
                SpanLink(
                    traceID: traceID(),
                    spanID: SpanID(next() | 1),
                    traceState: text(),
                    flags: 1,
                    attributes: attributes()
                )
            },
            droppedLinks: UInt32(truncatingIfNeeded: next()),
            status: SpanStatus(SpanStatus.Code.allCases.randomElement(using: &self) ?? .ok, message: text())
        )
    }
}
