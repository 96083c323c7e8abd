public import MartletCore

/// The label set of a series as bytes: the labels field of remote write's `TimeSeries` message.
///
/// For each label, sorted by name, each name once and no value empty: `0a`, the length of what follows, `0a`, the
/// length of the name, the name, `12`, the length of the value, the value; lengths are minimal varints. Two series
/// are the same exactly when these bytes are. Bytes in another order or form are understood, only more slowly.
public enum LabelBytes {
    /// The bytes of a label set.
    public static func encode(_ labels: LabelSet) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(labels.count * 32)
        for label in labels { append(name: label.name, value: label.value, to: &bytes) }
        return bytes
    }

    /// Appends one label.
    public static func append(name: String, value: String, to bytes: inout [UInt8]) {
        let (nameCount, valueCount) = (name.utf8.count, value.utf8.count)
        appendHead(nameCount, valueCount, to: &bytes)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x12)
        appendVarint(valueCount, to: &bytes)
        bytes.append(contentsOf: value.utf8)
    }

    /// Appends one label whose texts are bytes already.
    public static func append(name: Span<UInt8>, value: Span<UInt8>, to bytes: inout [UInt8]) {
        appendHead(name.count, value.count, to: &bytes)
        for place in 0..<name.count { bytes.append(name[place]) }
        bytes.append(0x12)
        appendVarint(value.count, to: &bytes)
        for place in 0..<value.count { bytes.append(value[place]) }
    }

    private static func appendHead(_ nameCount: Int, _ valueCount: Int, to bytes: inout [UInt8]) {
        let content = 2 + varintSize(nameCount) + nameCount + varintSize(valueCount) + valueCount
        bytes.append(0x0a)
        appendVarint(content, to: &bytes)
        bytes.append(0x0a)
        appendVarint(nameCount, to: &bytes)
    }

    /// The label set of some bytes; `nil` where they are malformed or not UTF-8.
    ///
    /// Takes labels in any order, fields that are left out and fields it does not know.
    public static func decode(_ bytes: Span<UInt8>) -> LabelSet? {
        var labels: [Label] = []
        let isWhole = forEach(bytes) { name, value in
            guard let name = text(bytes, name), let value = text(bytes, value) else { return false }
            labels.append(Label(name, value))
            return true
        }
        return isWhole ? LabelSet(labels) : nil
    }

    /// Gives the ranges of each label's name and value; `false` where the bytes are malformed or `body` said so.
    public static func forEach(
        _ bytes: Span<UInt8>,
        _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool
    ) -> Bool {
        var at = 0
        while at < bytes.count {
            guard bytes[at] == 0x0a else { return false }
            at += 1
            guard let count = varint(bytes, &at), count <= bytes.count - at else { return false }
            let end = at + count
            var (name, value) = (at..<at, at..<at)
            while at < end {
                let tag = bytes[at]
                at += 1
                guard tag == 0x0a || tag == 0x12, let count = varint(bytes, &at), count <= end - at else {
                    return false
                }
                if tag == 0x0a { name = at..<(at + count) } else { value = at..<(at + count) }
                at += count
            }
            guard at == end, body(name, value) else { return false }
        }
        return true
    }

    /// The text of a stretch of bytes; `nil` where it is not UTF-8.
    static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        guard let text = try? UTF8Span(validating: bytes.extracting(range)) else { return nil }
        return String(copying: text)
    }

    private static func varintSize(_ number: Int) -> Int {
        number < 0x80 ? 1 : number < 0x4000 ? 2 : number < 0x20_0000 ? 3 : number < 0x1000_0000 ? 4 : 5
    }

    private static func appendVarint(_ number: Int, to bytes: inout [UInt8]) {
        var rest = UInt(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func varint(_ bytes: Span<UInt8>, _ at: inout Int) -> Int? {
        var (result, shift) = (0, 0)
        while at < bytes.count, shift < 35 {
            let byte = bytes[at]
            at += 1
            result |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        return nil
    }
}
