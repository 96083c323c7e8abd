import MartletFiles

// Texts in order, each told by what it shares with the one before it; every sixteenth is whole, so that any can be had
// after reading at most sixteen.

/// Sorted byte strings with numbers, written by ``TextDictionaryWriter``.
package struct TextDictionary: Sendable {
    static let step = 16

    /// How many texts there are.
    package let count: Int
    private let bytes: ColumnBytes

    /// Takes a column's bytes; `nil` where they make no dictionary.
    package init?(_ bytes: ColumnBytes) {
        let found: Int? = bytes.withBytes { bytes in
            guard bytes.count >= 8, let count = Int(exactly: bytes.uint64(at: 0)), count <= 1 << 32 else { return nil }
            let groups = (count + Self.step - 1) / Self.step
            guard groups <= (bytes.count - 8) / 4 else { return nil }
            for group in 0..<groups where Int(bytes.uint32(at: 8 + 4 * group)) > bytes.count { return nil }
            return count
        }
        guard let found else { return nil }
        count = found
        self.bytes = bytes
    }

    /// Reads texts from a group's start until the body says stop.
    private static func walk(
        _ bytes: Span<UInt8>,
        group: Int,
        count: Int,
        _ body: (_ index: Int, _ text: [UInt8]) -> Bool
    ) {
        var text: [UInt8] = []
        var at = Int(bytes.uint32(at: 8 + 4 * group))
        var index = group * step
        while index < count {
            if index % step == 0 {
                text.removeAll(keepingCapacity: true)
            } else {
                guard let shared = bytes.varint(&at), shared <= UInt64(text.count) else { return }
                text.removeLast(text.count - Int(shared))
            }
            guard let more = bytes.varint(&at), more <= UInt64(bytes.count - at) else { return }
            text.append(span: bytes.extracting(at..<(at + Int(more))))
            at += Int(more)
            guard body(index, text) else { return }
            index += 1
        }
    }

    /// The text with a number.
    ///
    /// - Precondition: The number is below ``count``.
    package subscript(index: Int) -> [UInt8] {
        precondition(index >= 0 && index < count)
        return bytes.withBytes { bytes in
            var found: [UInt8] = []
            Self.walk(bytes, group: index / Self.step, count: count) { place, text in
                guard place == index else { return true }
                found = text
                return false
            }
            return found
        }
    }

    /// The number of a text, `nil` where it is not here.
    package func index(of text: Span<UInt8>) -> Int? {
        bytes.withBytes { bytes in
            var (low, high) = (0, (count + Self.step - 1) / Self.step)
            while low < high {
                let middle = (low + high) / 2
                var at = Int(bytes.uint32(at: 8 + 4 * middle))
                guard let size = bytes.varint(&at), size <= UInt64(bytes.count - at) else { return nil }
                if text.isBefore(bytes.extracting(at..<(at + Int(size)))) { high = middle } else { low = middle + 1 }
            }
            guard low > 0 else { return nil }
            var found: Int?
            Self.walk(bytes, group: low - 1, count: min(count, low * Self.step)) { index, candidate in
                if candidate.span.isEqual(text) { found = index }
                return found == nil
            }
            return found
        }
    }

    /// Hands all texts over, in order.
    package func forEach(_ body: (_ index: Int, _ text: [UInt8]) -> Void) {
        guard count > 0 else { return }
        bytes.withBytes { bytes in
            Self.walk(bytes, group: 0, count: count) { index, text in
                body(index, text)
                return true
            }
        }
    }
}

/// Writes texts for ``TextDictionary``.
package enum TextDictionaryWriter {
    /// The column's bytes.
    ///
    /// - Precondition: The texts are in order, byte by byte, and no two are equal.
    package static func encode(_ texts: [[UInt8]]) -> [UInt8] {
        let groups = (texts.count + TextDictionary.step - 1) / TextDictionary.step
        var offsets: [UInt8] = []
        offsets.append(littleEndian: UInt64(texts.count))
        var content: [UInt8] = []
        let start = 8 + 4 * groups
        for (index, text) in texts.enumerated() {
            var shared = 0
            if index % TextDictionary.step == 0 {
                offsets.append(littleEndian: UInt32(start + content.count))
            } else {
                let before = texts[index - 1]
                while shared < min(before.count, text.count), before[shared] == text[shared] { shared += 1 }
                content.append(varint: UInt64(shared))
            }
            content.append(varint: UInt64(text.count - shared))
            content += text[shared...]
        }
        return offsets + content
    }
}
