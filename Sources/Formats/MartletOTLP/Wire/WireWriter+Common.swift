import MartletCore

// Safety: elements are looked at where they stand, and only while the array that lends them is alive: an element that is
// taken out is retained with all it has. What is needed of one is read before anything is written.

extension WireWriter {
    /// Attributes, each a message with the tag.
    mutating func attributes(_ tag: UInt8, _ attributes: [Attribute]) {
        unsafe attributes.withUnsafeBufferPointer { unsafe self.attributes(tag, $0) }
    }

    /// Attributes, each a message with the tag.
    @unsafe
    @inline(__always)
    mutating func attributes(_ tag: UInt8, _ attributes: UnsafeBufferPointer<Attribute>) {
        var place = attributes.count
        while place > 0 {
            place &-= 1
            unsafe attribute(tag, attributes, place)
        }
    }

    /// The attributes of a span, a message with the tag each; what the span that was written before has too, word for word
    /// and at the same place, is copied from there, as most of what a service tells of its spans is.
    @unsafe
    @inline(__always)
    mutating func attributes(
        _ tag: UInt8,
        _ attributes: UnsafeBufferPointer<Attribute>,
        after previous: UnsafeBufferPointer<Attribute>
    ) {
        // Where things stand is told in 32 bits.
        let known = count < 1 << 31 ? min(previous.count, Self.writtenMax) : 0
        var place = attributes.count
        while place > 0 {
            place &-= 1
            if place < known, unsafe Self.areSame(attributes, previous, place) {
                unsafe repeatWritten(place)
            } else {
                let mark = count
                unsafe attribute(tag, attributes, place)
                if place < Self.writtenMax { noteWritten(place, since: mark) }
            }
        }
    }

    /// Whether two attributes are the same bit for bit; texts of their own storage count as different.
    ///
    /// A key is two words, and so is a value, with a byte that says what it is; of numbers the second word says nothing.
    @unsafe
    @inline(__always)
    private static func areSame(
        _ first: UnsafeBufferPointer<Attribute>,
        _ second: UnsafeBufferPointer<Attribute>,
        _ place: Int
    ) -> Bool {
        guard MemoryLayout<Attribute>.size == 33, let first = first.baseAddress,
            let second = second.baseAddress
        else { return false }
        let (one, other) = unsafe (UnsafeRawPointer(first + place), UnsafeRawPointer(second + place))
        func differ<Word: FixedWidthInteger>(_ offset: Int, _: Word.Type) -> Bool {
            unsafe one.loadUnaligned(fromByteOffset: offset, as: Word.self)
                != other.loadUnaligned(fromByteOffset: offset, as: Word.self)
        }
        if differ(0, UInt64.self) || differ(8, UInt64.self) || differ(16, UInt64.self) || differ(32, UInt8.self) {
            return false
        }
        if !differ(24, UInt64.self) { return true }
        return switch unsafe first[place].value {
        case .int, .double: true
        default: false
        }
    }

    @unsafe
    @inline(__always)
    private mutating func attribute(_ tag: UInt8, _ attributes: UnsafeBufferPointer<Attribute>, _ place: Int) {
        let key = unsafe TextWords(attributes[place].key)
        let value = unsafe Plain(attributes[place].value)
        guard !value.isOther, key.count >= 0, value.text.count >= 0 else {
            return unsafe other(tag, attributes[place])
        }
        var pen = unsafe pen(for: key.count &+ value.text.count &+ 2 * WireWriter.fieldMax)
        let end = unsafe pen.at
        if value.kind == .text {
            unsafe pen.text(1 << 3 | 2, value.text)
        } else if value.kind == .double {
            unsafe pen.fixed64(4 << 3 | 1, value.bits)
        } else {
            unsafe pen.number(value.kind == .flag ? 2 << 3 : 3 << 3, value.bits)
        }
        unsafe pen.number(2 << 3 | 2, UInt64(truncatingIfNeeded: end - pen.at))
        if key.count != 0 { unsafe pen.text(1 << 3 | 2, key) }
        unsafe pen.number(tag, UInt64(truncatingIfNeeded: end - pen.at))
        unsafe take(pen)
    }

    /// What a value is, without a reference to it.
    private struct Plain {
        enum Kind { case text, number, flag, double, other }

        let kind: Kind
        let bits: UInt64
        let text: TextWords

        var isOther: Bool { kind == .other }

        @inline(__always)
        init(_ value: borrowing AttributeValue) {
            switch value {
            case .string(let text): (kind, bits, self.text) = (.text, 0, TextWords(text))
            case .int(let number): (kind, bits, text) = (.number, UInt64(bitPattern: number), .none)
            case .bool(let flag): (kind, bits, text) = (.flag, flag ? 1 : 0, .none)
            case .double(let number): (kind, bits, text) = (.double, number.bitPattern, .none)
            default: (kind, bits, text) = (.other, 0, .none)
            }
        }
    }

    /// An attribute that is rare.
    @inline(never)
    private mutating func other(_ tag: UInt8, _ attribute: Attribute) {
        let mark = count
        value(2 << 3 | 2, attribute.value)
        text(1 << 3 | 2, ifSet: attribute.key)
        finish(tag, mark)
    }

    /// A value, a message with the tag.
    mutating func value(_ tag: UInt8, _ value: AttributeValue) {
        let mark = count
        switch value {
        case .string(let text): self.text(1 << 3 | 2, text)
        case .int(let number): self.number(3 << 3, UInt64(bitPattern: number))
        case .bool(let flag): number(2 << 3, flag ? 1 : 0)
        case .double(let number): fixed64(4 << 3 | 1, number.bitPattern)
        case .array(let values):
            for value in values.reversed() { self.value(1 << 3 | 2, value) }
            finish(5 << 3 | 2, mark)
        case .map(let attributes):
            self.attributes(1 << 3 | 2, attributes)
            finish(6 << 3 | 2, mark)
        case .bytes(let bytes): self.bytes(7 << 3 | 2, bytes)
        case .empty: break
        }
        finish(tag, mark)
    }

    mutating func resource(_ resource: Resource) {
        let mark = count
        attributes(1 << 3 | 2, resource.attributes)
        finish(1 << 3 | 2, mark)
    }

    mutating func scope(_ scope: InstrumentationScope) {
        let mark = count
        attributes(3 << 3 | 2, scope.attributes)
        text(2 << 3 | 2, ifSet: scope.version)
        text(1 << 3 | 2, ifSet: scope.name)
        finish(1 << 3 | 2, mark)
    }
}
