import MartletCore
import MartletSeries

/// How large label sets may be.
public struct LabelLimits: Hashable, Sendable {
    /// How many labels a series may have, 64 unless said otherwise.
    public var countMax = 64

    /// How many bytes a label's name may have, 1,024 unless said otherwise.
    public var nameBytesMax = 1024

    /// How many bytes a label's value may have, 4,096 unless said otherwise.
    public var valueBytesMax = 4096

    /// Creates the limits.
    public init() {}

    /// Nothing but what the formats can hold.
    static var none: LabelLimits {
        var limits = LabelLimits()
        (limits.countMax, limits.nameBytesMax, limits.valueBytesMax) = (255, ByteArena.pieceMax, ByteArena.pieceMax)
        return limits
    }
}

/// What label bytes are like.
enum LabelForm {
    /// As ``LabelBytes`` says, and within limits.
    case canonical
    /// The same labels in canonical form.
    case rewritten([UInt8])
    /// No labels of a series, or beyond limits.
    case invalid

    /// Looks at label bytes; only for series that are not known yet.
    init(_ bytes: Span<UInt8>, limits: LabelLimits) {
        guard bytes.count <= ByteArena.pieceMax / 2 else {
            self = .invalid
            return
        }
        var labels: [(name: Range<Int>, value: Range<Int>)] = []
        let isWhole = LabelBytes.forEach(bytes) { name, value in
            guard name.count <= limits.nameBytesMax, value.count <= limits.valueBytesMax, !name.isEmpty,
                Self.isText(bytes.extracting(name)), Self.isText(bytes.extracting(value))
            else { return false }
            if !value.isEmpty { labels.append((name, value)) }
            return labels.count <= limits.countMax
        }
        guard isWhole else {
            self = .invalid
            return
        }
        labels.sort { Self.order(bytes, $0.name, $1.name) < 0 }
        for (left, right) in zip(labels, labels.dropFirst()) where Self.order(bytes, left.name, right.name) == 0 {
            self = .invalid
            return
        }
        let metric = Array(Label.metricName.utf8)
        let hasName = labels.contains { label in
            label.name.count == metric.count
                && metric.indices.allSatisfy { bytes[label.name.lowerBound + $0] == metric[$0] }
        }
        guard hasName else {
            self = .invalid
            return
        }
        var canonical: [UInt8] = []
        canonical.reserveCapacity(bytes.count)
        for label in labels {
            LabelBytes.append(
                name: bytes.extracting(label.name),
                value: bytes.extracting(label.value),
                to: &canonical
            )
        }
        let isSame = canonical.count == bytes.count && canonical.indices.allSatisfy { canonical[$0] == bytes[$0] }
        self = isSame ? .canonical : .rewritten(canonical)
    }

    private static func isText(_ bytes: Span<UInt8>) -> Bool { (try? UTF8Span(validating: bytes)) != nil }

    private static func order(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Int {
        for offset in 0..<min(left.count, right.count) {
            let (one, other) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if one != other { return one < other ? -1 : 1 }
        }
        return left.count - right.count
    }
}
