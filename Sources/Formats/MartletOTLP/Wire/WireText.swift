public import MartletCore
import MartletProtobuf

extension Span<UInt8> {
    /// The text in a range, repaired with replacement characters where it is not UTF-8.
    ///
    /// - Precondition: The range lies in the bytes.
    public func text(_ range: Range<Int>) -> String {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // Safety: the range lies in the bytes, and the text copies them.
        return unsafe withUnsafeBufferPointer {
            unsafe String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
        }
    }

    /// The bytes in a range.
    ///
    /// - Precondition: The range lies in the bytes.
    public func array(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // Safety: the range lies in the bytes, and the array copies them.
        return unsafe withUnsafeBufferPointer { unsafe Array($0[range]) }
    }

    /// Eight bytes, the most significant first; the bits of an id.
    @inlinable
    func bigEndian64(at place: Int) -> UInt64 {
        precondition(place >= 0 && place <= count - 8)
        // Safety: the eight bytes lie inside of the span, as was just made sure.
        return unsafe UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
}

extension AttributeValue {
    /// Makes a value of what a request holds.
    ///
    /// - Parameters:
    ///   - wire: What the scanner found.
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Throws: ``OTLPError`` where the value is damaged or too deep.
    public init(wire: WireValue, in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) {
        switch wire {
        case .string(let range): self = .string(bytes.text(range))
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .bytes(let range): self = .bytes(bytes.array(range))
        case .empty: self = .empty
        case .compound(let message):
            guard depthMax > 0 else { throw .limitExceeded(OTLPError.deepValues, limit: 32) }
            try self.init(compound: message, bytes, depthMax)
        }
    }

    private init(compound message: Range<Int>, _ bytes: Span<UInt8>, _ depthMax: Int) throws(OTLPError) {
        self = .empty
        var cursor = WireCursor(message)
        while !cursor.isAtEnd {
            let offset = cursor.at
            let tag = try cursor.varint(bytes)
            switch tag {
            case 5 << 3 | 2:
                var values: [AttributeValue] = []
                var list = WireMessages(try cursor.range(bytes), tag: 1 << 3 | 2, count: 0)
                while let element = try list.next(in: bytes) {
                    let value = try WireValue(element, in: bytes)
                    values.append(try AttributeValue(wire: value, in: bytes, depthMax: depthMax - 1))
                }
                self = .array(values)
            case 6 << 3 | 2:
                let list = WireAttributes(try cursor.range(bytes), tag: 1 << 3 | 2, count: 0)
                self = .map(try list.values(in: bytes, depthMax: depthMax - 1))
            // A value that was overtaken by the list or map: the last one counts.
            default: try cursor.skip(tag, known: { _ in false }, bytes, offset: offset)
            }
        }
    }
}

extension WireAttributes {
    /// The attributes as values.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were scanned.
    ///   - depthMax: How deep lists and maps may stand in one another.
    /// - Returns: The attributes, in the order sent.
    /// - Throws: ``OTLPError`` where one is damaged or too deep.
    public func values(in bytes: Span<UInt8>, depthMax: Int = 32) throws(OTLPError) -> [Attribute] {
        var attributes: [Attribute] = []
        attributes.reserveCapacity(count)
        var rest = self
        while let (key, value) = try rest.next(in: bytes) {
            attributes.append(
                Attribute(bytes.text(key), try AttributeValue(wire: value, in: bytes, depthMax: depthMax))
            )
        }
        return attributes
    }
}
