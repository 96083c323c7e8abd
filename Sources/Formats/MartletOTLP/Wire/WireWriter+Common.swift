import MartletCore

extension WireWriter {
    /// Attributes, each a message with the tag.
    @inline(__always)
    mutating func attributes(_ tag: UInt8, _ attributes: [Attribute]) {
        let attributes = attributes.span
        var place = attributes.count
        while place > 0 {
            place &-= 1
            attribute(tag, attributes[place])
        }
    }

    @inline(__always)
    mutating func attribute(_ tag: UInt8, _ attribute: borrowing Attribute) {
        let mark = count
        value(2 << 3 | 2, attribute.value)
        text(1 << 3 | 2, ifSet: attribute.key)
        finish(tag, mark)
    }

    /// A value, a message with the tag.
    @inline(__always)
    mutating func value(_ tag: UInt8, _ value: AttributeValue) {
        let mark = count
        switch value {
        case .string(let text): self.text(1 << 3 | 2, text)
        case .int(let number): self.number(3 << 3, UInt64(bitPattern: number))
        case .bool(let flag): number(2 << 3, flag ? 1 : 0)
        case .double(let number): fixed64(4 << 3 | 1, number.bitPattern)
        default: compound(value)
        }
        finish(tag, mark)
    }

    @inline(never)
    private mutating func compound(_ value: AttributeValue) {
        let mark = count
        switch value {
        case .array(let values):
            for value in values.reversed() { self.value(1 << 3 | 2, value) }
            finish(5 << 3 | 2, mark)
        case .map(let attributes):
            self.attributes(1 << 3 | 2, attributes)
            finish(6 << 3 | 2, mark)
        case .bytes(let bytes): self.bytes(7 << 3 | 2, bytes)
        case .string, .int, .bool, .double, .empty: break
        }
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
