import MartletCore
import MartletEvents
import MartletOTLP

// Records as most libraries send them, with each field once, lengths of at most three bytes, and attributes beside each
// other whose keys came together before, are read straight from the bytes. Whatever is different in any way is left to
// the general reader, which then finds everything as it was.
//
// Safety: a `RecordReader` looks at no byte at or behind its end, which lies in the bytes that the scanner has; texts are
// only named once their lengths were found to end in front of it.

/// What a record is told by, with the places of its texts.
private struct RecordFields {
    var time: UInt64 = 0
    var observed: UInt64 = 0
    var severity: UInt8 = 0
    var flags: UInt32 = 0
    var word = 0..<0
    var body = -1..<(-1)
    var attributes = 0..<0
    var trace = TraceID(high: 0, low: 0)
    var span: UInt64 = 0
}

/// An attribute as it stands in the bytes; places have 32 bits so that all of a record's stand on the stack.
private struct RecordAttribute {
    var keyStart: UInt32
    var keyCount: UInt32
    var type = ValueType.string
    var bits: UInt64 = 0

    /// Where a text begins, and its length.
    var start: Int { Int(bits >> 32) }
    var count: Int { Int(bits & 0xffff_ffff) }
}

/// Reads forward to an end.
@safe
private struct RecordReader {
    let bytes: UnsafeRawBufferPointer
    var at: Int
    let end: Int

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        unsafe self.bytes = unsafe bytes
        at = range.lowerBound
        end = range.upperBound
    }

    @inline(__always)
    subscript(place: Int) -> UInt8 { unsafe bytes[place] }

    /// Reads a byte that is expected; whether it was there.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard at < end, self[at] == byte else { return false }
        at &+= 1
        return true
    }

    /// Reads a length of up to three bytes; `nil` where there is none or it is beyond the end.
    @inline(__always)
    mutating func length() -> Int? {
        guard at < end else { return nil }
        var length = Int(self[at])
        at &+= 1
        if length >= 0x80 {
            guard at < end else { return nil }
            length = length & 0x7f | Int(self[at]) << 7
            at &+= 1
            if length >= 0x4000 {
                guard at < end, self[at] < 0x80 else { return nil }
                length = length & 0x3fff | Int(self[at]) << 14
                at &+= 1
            }
        }
        return length <= end &- at ? length : nil
    }

    /// Reads a length and passes over what has it.
    @inline(__always)
    mutating func range() -> Range<Int>? {
        guard let length = length() else { return nil }
        at &+= length
        return unsafe Range(uncheckedBounds: (at &- length, at))
    }

    @inline(__always)
    mutating func fixed64() -> UInt64? {
        guard end &- at >= 8 else { return nil }
        at &+= 8
        return unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at &- 8, as: UInt64.self))
    }

    @inline(__always)
    mutating func fixed32() -> UInt32? {
        guard end &- at >= 4 else { return nil }
        at &+= 4
        return unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at &- 4, as: UInt32.self))
    }

    @inline(__always)
    mutating func varint() -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while at < end, shift < 63 {
            let byte = self[at]
            at &+= 1
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        guard at < end, self[at] <= 1 else { return nil }
        at &+= 1
        return value | UInt64(self[at &- 1]) &<< 63
    }

    /// The fields of a record, `nil` where one is unusual.
    @inline(__always)
    mutating func fields() -> RecordFields? {
        var fields = RecordFields()
        while at < end {
            let tag = self[at]
            at &+= 1
            switch tag {
            case 1 << 3 | 1:
                guard let time = fixed64() else { return nil }
                fields.time = time
            case 2 << 3:
                guard at < end, self[at] <= 24 else { return nil }
                fields.severity = self[at]
                at &+= 1
            case 3 << 3 | 2:
                guard let word = range() else { return nil }
                fields.word = word
            case 5 << 3 | 2:
                guard fields.body.lowerBound < 0, let message = range(), let body = text(message) else { return nil }
                fields.body = body
            case 6 << 3 | 2:
                let start = at &- 1
                guard range() != nil else { return nil }
                if fields.attributes.isEmpty {
                    fields.attributes = unsafe Range(uncheckedBounds: (start, at))
                } else {
                    guard fields.attributes.upperBound == start else { return nil }
                    fields.attributes = unsafe Range(uncheckedBounds: (fields.attributes.lowerBound, at))
                }
            case 8 << 3 | 5:
                guard let flags = fixed32() else { return nil }
                fields.flags = flags
            case 9 << 3 | 2:
                guard skip(16), end &- at >= 16 else { return nil }
                fields.trace = TraceID(high: bigEndian(at), low: bigEndian(at &+ 8))
                at &+= 16
            case 10 << 3 | 2:
                guard skip(8), end &- at >= 8 else { return nil }
                fields.span = bigEndian(at)
                at &+= 8
            case 11 << 3 | 1:
                guard let observed = fixed64() else { return nil }
                fields.observed = observed
            default: return nil
            }
        }
        return fields
    }

    @inline(__always)
    private func bigEndian(_ at: Int) -> UInt64 {
        unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    /// The text of a value that is nothing else.
    @inline(__always)
    private func text(_ value: Range<Int>) -> Range<Int>? {
        var inner = unsafe RecordReader(bytes, value)
        guard inner.skip(1 << 3 | 2), let text = inner.range(), inner.at == inner.end else { return nil }
        return text
    }

    /// Reads the next attribute where it is short, as nearly all are; `false`, and nothing is read, where it is not.
    @inline(__always)
    mutating func shortAttribute(_ found: inout RecordAttribute) -> Bool {
        guard end &- at >= 8, self[at] == 6 << 3 | 2, self[at &+ 2] == 1 << 3 | 2 else { return false }
        let (size, keyCount) = (Int(self[at &+ 1]), Int(self[at &+ 3]))
        let next = at &+ 2 &+ size
        // Behind the key stand at least two bytes for the value's tag and length, and two of the value.
        guard size < 0x80, keyCount &+ 6 <= size, next <= end else { return false }
        let value = at &+ 4 &+ keyCount
        let valueCount = size &- keyCount &- 4
        guard self[value] == 2 << 3 | 2, Int(self[value &+ 1]) == valueCount else { return false }
        switch self[value &+ 2] {
        case 1 << 3 | 2:
            guard Int(self[value &+ 3]) == valueCount &- 2 else { return false }
            found.type = .string
            found.bits = UInt64(truncatingIfNeeded: value &+ 4) << 32 | UInt64(truncatingIfNeeded: valueCount &- 2)
        case 4 << 3 | 1:
            guard valueCount == 9 else { return false }
            found.type = .double
            found.bits = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: value &+ 3, as: UInt64.self)
            )
        default: return false
        }
        found.keyStart = UInt32(truncatingIfNeeded: at &+ 4)
        found.keyCount = UInt32(truncatingIfNeeded: keyCount)
        at = next
        return true
    }

    /// The next attribute, `nil` where it is unusual.
    @inline(never)
    mutating func attribute() -> RecordAttribute? {
        guard skip(6 << 3 | 2), let message = range() else { return nil }
        var inner = unsafe RecordReader(bytes, message)
        guard inner.skip(1 << 3 | 2), let key = inner.range(), inner.skip(2 << 3 | 2), let value = inner.range(),
            inner.at == inner.end, !value.isEmpty
        else { return nil }
        inner = unsafe RecordReader(bytes, value)
        var found = RecordAttribute(
            keyStart: UInt32(truncatingIfNeeded: key.lowerBound),
            keyCount: UInt32(truncatingIfNeeded: key.count)
        )
        inner.at &+= 1
        switch inner[value.lowerBound] {
        case 1 << 3 | 2:
            guard let text = inner.range() else { return nil }
            found.bits = UInt64(truncatingIfNeeded: text.lowerBound) << 32 | UInt64(truncatingIfNeeded: text.count)
        case 2 << 3:
            guard inner.at < inner.end, inner[inner.at] <= 1 else { return nil }
            (found.type, found.bits) = (.bool, UInt64(inner[inner.at]))
            inner.at &+= 1
        case 3 << 3:
            guard let number = inner.varint() else { return nil }
            (found.type, found.bits) = (.int, number)
        case 4 << 3 | 1:
            guard let bits = inner.fixed64() else { return nil }
            (found.type, found.bits) = (.double, bits)
        default: return nil
        }
        return inner.at == inner.end ? found : nil
    }
}

/// Tells a list of keys with their types well enough to guess its shape.
struct ShapeHash {
    private var state: UInt64 = 0

    init() {}

    init(_ shape: [UInt32], _ columns: [LogTable.Column]) {
        for column in shape {
            let column = columns[Int(column)]
            let key = column.key
            unsafe key.withUnsafeBytes { unsafe add($0, 0, $0.count, column.type) }
        }
    }

    @inline(__always)
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int, _ type: ValueType) {
        var tail: UInt64 = 0
        // Keys of one sender mostly differ in their ends.
        if count >= 4 {
            tail = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: start &+ count &- 4, as: UInt32.self))
        }
        let own = tail << 16 | UInt64(truncatingIfNeeded: count) << 8 | UInt64(type.rawValue)
        state = (state ^ own) &* 0x9e37_79b9_7f4a_7c15
        state ^= state >> 29
    }

    /// Where the guess stands.
    @inline(__always)
    var place: Int { Int(truncatingIfNeeded: state >> 8 & 63) }
}

/// The kind that a severity had last, for words of at most sixteen bytes and records without a name.
struct KindGuess: Sendable {
    var word = TextTable.Key(first: 0, second: 0)
    var wordCount = -1
    var flags: UInt32 = 0
    var code: UInt32 = 0
}

extension LogTable {
    /// How many attributes a record of the usual form may have.
    @inline(__always)
    private static var usualAttributes: Int { 32 }

    mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        precondition(message.lowerBound >= 0 && message.upperBound <= bytes.count)
        guard bytes.count <= UInt32.max else { return nil }
        return unsafe bytes.withUnsafeBytes { unsafe take(message, $0) }
    }

    @inline(__always)
    private mutating func take(_ message: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Int? {
        var reader = unsafe RecordReader(bytes, message)
        guard let fields = reader.fields(), fields.time | fields.observed != 0, fields.body.lowerBound >= 0,
            fields.body.count <= limits.bodyBytes, fields.word.count <= min(16, limits.nameBytes),
            let (count, shape) = unsafe takeAttributes(fields.attributes, bytes)
        else { return nil }
        let kind = unsafe kind(fields, bytes)
        unsafe tokenise(bytes, fields.body)
        staged.append(
            LogRow(
                time: Int64(clamping: fields.time != 0 ? fields.time : fields.observed),
                observed: fields.observed,
                trace: fields.trace,
                span: fields.span,
                kind: kind,
                origin: origin,
                shape: shape,
                codeEnd: UInt32(codes.count),
                valueEnd: UInt32(values.count)
            )
        )
        return count
    }

    /// Appends the values of attributes whose keys came together before; `nil`, and nothing, where they did not.
    @inline(__always)
    private mutating func takeAttributes(
        _ range: Range<Int>,
        _ bytes: UnsafeRawBufferPointer
    ) -> (count: Int, shape: UInt32)? {
        unsafe withUnsafeTemporaryAllocation(of: RecordAttribute.self, capacity: Self.usualAttributes) { found in
            var reader = unsafe RecordReader(bytes, range)
            var (count, hash) = (0, ShapeHash())
            while reader.at < reader.end {
                guard count < Self.usualAttributes else { return nil }
                var attribute = RecordAttribute(keyStart: 0, keyCount: 0)
                if !reader.shortAttribute(&attribute) {
                    guard let other = reader.attribute() else { return nil }
                    attribute = other
                }
                guard attribute.type != .string || attribute.count <= limits.valueBytes else { return nil }
                unsafe hash.add(bytes, Int(attribute.keyStart), Int(attribute.keyCount), attribute.type)
                unsafe found.initializeElement(at: count, to: attribute)
                count &+= 1
            }
            let shape = shapeGuesses[hash.place]
            guard shape != .max, count <= limits.attributes else { return nil }
            let expected = shapeColumns[Int(shape)]
            guard expected.count == count else { return nil }
            for place in 0..<count {
                let attribute = unsafe found[place]
                guard unsafe isColumn(Int(expected[place]), attribute, bytes) else { return nil }
            }
            unsafe appendValues(UnsafeBufferPointer(rebasing: found[0..<count]), expected, bytes)
            return (count, shape)
        }
    }

    /// Appends values to their columns; the places of all texts are guessed, then read, before the first is looked at.
    @inline(__always)
    private mutating func appendValues(
        _ attributes: UnsafeBufferPointer<RecordAttribute>,
        _ expected: [UInt32],
        _ bytes: UnsafeRawBufferPointer
    ) {
        unsafe withUnsafeTemporaryAllocation(of: TextTable.Guess.self, capacity: Self.usualAttributes) { guesses in
            for place in 0..<attributes.count {
                let attribute = unsafe attributes[place]
                guard attribute.type == .string else { continue }
                let guess = unsafe columns[Int(expected[place])].texts.guess(bytes, attribute.start, attribute.count)
                unsafe guesses.initializeElement(at: place, to: guess)
            }
            for place in 0..<attributes.count where unsafe attributes[place].type == .string {
                let slot = unsafe guesses[place].slot
                unsafe guesses[place].number = columns[Int(expected[place])].texts.number(in: slot)
            }
            for place in 0..<attributes.count {
                let attribute = unsafe attributes[place]
                guard attribute.type == .string else {
                    values.append(attribute.bits)
                    continue
                }
                let column = Int(expected[place])
                let (start, count) = (attribute.start, attribute.count)
                let isRight = unsafe columns[column].texts.isRight(guesses[place], bytes, start, count)
                let code =
                    unsafe isRight ? guesses[place].number &- 1 : columns[column].texts.intern(bytes, start, count)
                values.append(UInt64(code))
            }
        }
    }

    /// Whether an attribute belongs to a column.
    @inline(__always)
    private func isColumn(_ column: Int, _ attribute: RecordAttribute, _ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe columns.withUnsafeBufferPointer { columns in
            let start = Int(attribute.keyStart)
            guard unsafe columns[column].type == attribute.type,
                unsafe columns[column].key.count == Int(attribute.keyCount)
            else { return false }
            return unsafe columns[column].key.withUnsafeBytes { key in
                var at = 0
                while at &+ 8 <= key.count {
                    if unsafe key.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                        != bytes.loadUnaligned(fromByteOffset: start &+ at, as: UInt64.self)
                    {
                        return false
                    }
                    at &+= 8
                }
                while at < key.count {
                    if unsafe key[at] != bytes[start &+ at] { return false }
                    at &+= 1
                }
                return true
            }
        }
    }

    @inline(__always)
    private mutating func kind(_ fields: RecordFields, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let (start, count) = (fields.word.lowerBound, fields.word.count)
        let word = unsafe kindTable.key(bytes, start, count)
        let guess = kindGuesses[Int(fields.severity)]
        if guess.wordCount == count, guess.word.first == word.first, guess.word.second == word.second,
            guess.flags == fields.flags
        {
            return guess.code
        }
        let text = unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[fields.word]), as: UTF8.self)
        let code = kindCode(
            Kind(severity: fields.severity, body: .string, flags: fields.flags, severityText: text, eventName: "")
        )
        kindGuesses[Int(fields.severity)] = KindGuess(word: word, wordCount: count, flags: fields.flags, code: code)
        return code
    }
}
