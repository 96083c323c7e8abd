import MartletCore
import MartletFiles
import MartletOTLP

// Safety: every read is preceded by a check that as many bytes are left of the message, which lies in the bytes.

extension ParsedSpans {
    /// Takes a plain span from its message, and leaves any other to the scanner.
    ///
    /// Plain are ids, name, times, kind, status without a message, flags, and attributes with texts and numbers, all
    /// lengths below 128. What is taken is the same that the scanner and ``span(_:)`` make of such a span, in a fifth of
    /// the instructions.
    mutating func take(_ message: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        guard isQuick, message.lowerBound >= 0, message.upperBound <= bytes.count else { return nil }
        let known = values.count
        var trace = TraceID(high: 0, low: 0)
        var row = Row(
            firstValue: UInt32(truncatingIfNeeded: known),
            origin: UInt32(truncatingIfNeeded: origins.count - 1)
        )
        let isTaken = unsafe bytes.withUnsafeBytes { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            return unsafe read(base, message, &row, &trace)
        }
        guard isTaken, trace.isValid, row.span != 0 else {
            values.removeLast(values.count - known)
            return nil
        }
        row.trace = number(of: trace)
        row.valueCount = UInt32(truncatingIfNeeded: values.count - known)
        row.firstExtra = UInt32(truncatingIfNeeded: extras.count)
        rows.append(row)
        return values.count - known
    }

    @inline(__always)
    private mutating func read(
        _ base: UnsafeRawPointer,
        _ message: Range<Int>,
        _ row: inout Row,
        _ trace: inout TraceID
    ) -> Bool {
        var hasName = false
        var at = message.lowerBound
        let end = message.upperBound
        var room = limits.attributes
        while at < end {
            // A tag and a byte more, or nothing that is known here.
            guard end &- at >= 2 else { return false }
            let (tag, next) = unsafe (Self.byte(base, at), Self.byte(base, at &+ 1))
            switch tag {
            case 1 << 3 | 2:
                guard next == 16, end &- at >= 18 else { return false }
                trace = unsafe TraceID(
                    high: Self.word(base, at &+ 2).bigEndian,
                    low: Self.word(base, at &+ 10).bigEndian
                )
                at &+= 18
            case 2 << 3 | 2:
                guard next == 8, end &- at >= 10 else { return false }
                row.span = unsafe Self.word(base, at &+ 2).bigEndian
                at &+= 10
            case 4 << 3 | 2:
                guard next == 8, end &- at >= 10 else { return false }
                row.parent = unsafe Self.word(base, at &+ 2).bigEndian
                at &+= 10
            case 5 << 3 | 2:
                guard let place = text(next, at &+ 2, end, limits.nameBytes) else { return false }
                row.name = unsafe name(base, place)
                hasName = true
                at = Int(place.end)
            case 6 << 3:
                guard next <= 5 else { return false }
                row.kind = next
                at &+= 2
            case 7 << 3 | 1:
                guard end &- at >= 9 else { return false }
                row.start = unsafe Int64(clamping: Self.word(base, at &+ 1).littleEndian)
                at &+= 9
            case 8 << 3 | 1:
                guard end &- at >= 9 else { return false }
                row.end = unsafe Int64(clamping: Self.word(base, at &+ 1).littleEndian)
                at &+= 9
            case 9 << 3 | 2:
                guard room > 0, next < 0x80, end &- at &- 2 >= Int(next),
                    let number = unsafe attribute(base, at &+ 2, Int(next))
                else { return false }
                room &-= 1
                values.append(number)
                at &+= 2 &+ Int(next)
            case 15 << 3 | 2:
                guard next == 2, end &- at >= 4, unsafe Self.byte(base, at &+ 2) == 3 << 3 else { return false }
                row.status = unsafe Self.byte(base, at &+ 3)
                guard row.status <= 2 else { return false }
                at &+= 4
            case 0x85:
                guard next == 0x01, end &- at >= 6 else { return false }
                row.flags = unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: at &+ 2, as: UInt32.self))
                at &+= 6
            default: return false
            }
        }
        if !hasName {
            row.name = UInt32(truncatingIfNeeded: names.count)
            names.append(Place(0..<0))
        }
        return true
    }

    /// The number of a name, which is likely one that came lately.
    @inline(__always)
    private mutating func name(_ base: UnsafeRawPointer, _ place: Place) -> UInt32 {
        let (start, count) = (Int(place.start), place.range.count)
        let hash = unsafe recentNames.hash(base, start, count)
        if let known = recentNames.candidate(hash), case let other = names[Int(known)], other.range.count == count,
            unsafe Span<UInt8>.isEqual(base + Int(other.start), base + start, count)
        {
            return known
        }
        let number = UInt32(truncatingIfNeeded: names.count)
        names.append(place)
        recentNames.put(hash, number)
        return number
    }

    /// The number of an attribute, which is likely one whose message has the same bytes as one that came lately.
    ///
    /// Messages that are read here end where their value ends and begin two bytes before their key.
    @inline(__always)
    private mutating func attribute(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> UInt32? {
        let hash = unsafe recentAttributes.hash(base, start, count)
        if let known = recentAttributes.candidate(hash), case let first = Int(attributes[Int(known)].key.start) &- 2,
            unsafe Self.byte(base, first &- 1) == UInt8(truncatingIfNeeded: count),
            unsafe Span<UInt8>.isEqual(base + first, base + start, count)
        {
            return known
        }
        guard let value = unsafe value(base, start, start &+ count) else { return nil }
        let number = UInt32(truncatingIfNeeded: attributes.count)
        attributes.append(value)
        recentAttributes.put(hash, number)
        return number
    }

    /// An attribute with key and value, in this order.
    @inline(__always)
    private func value(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Value? {
        guard end &- start >= 2, unsafe Self.byte(base, start) == 1 << 3 | 2,
            let key = unsafe text(Self.byte(base, start &+ 1), start &+ 2, end, limits.nameBytes)
        else { return nil }
        let at = Int(key.end)
        guard end &- at >= 4, unsafe Self.byte(base, at) == 2 << 3 | 2 else { return nil }
        let (count, tag, next) = unsafe (Self.byte(base, at &+ 1), Self.byte(base, at &+ 2), Self.byte(base, at &+ 3))
        guard end &- at &- 2 == Int(count) else { return nil }
        switch tag {
        case 1 << 3 | 2:
            guard let text = text(next, at &+ 4, end, limits.valueBytes), Int(text.end) == end else { return nil }
            return Value(key: key, type: .string, place: text, bits: 0)
        case 2 << 3:
            guard count == 2, next <= 1 else { return nil }
            return Value(key: key, type: .bool, place: Place(0..<0), bits: UInt64(next))
        case 3 << 3:
            if count == 2, next < 0x80 { return Value(key: key, type: .int, place: Place(0..<0), bits: UInt64(next)) }
            guard count == 3, next >= 0x80, case let high = unsafe Self.byte(base, at &+ 4), high < 0x80 else {
                return nil
            }
            return Value(key: key, type: .int, place: Place(0..<0), bits: UInt64(next & 0x7f) | UInt64(high) << 7)
        case 4 << 3 | 1:
            guard count == 9 else { return nil }
            return unsafe Value(
                key: key,
                type: .double,
                place: Place(0..<0),
                bits: Self.word(base, at &+ 3).littleEndian
            )
        default: return nil
        }
    }

    /// A text whose length is one byte, and no longer than its limit.
    @inline(__always)
    private func text(_ length: UInt8, _ start: Int, _ end: Int, _ most: Int) -> Place? {
        guard length < 0x80, end &- start >= Int(length), Int(length) <= most else { return nil }
        return Place(start..<(start &+ Int(length)))
    }

    @inline(__always)
    private static func byte(_ base: UnsafeRawPointer, _ at: Int) -> UInt8 {
        unsafe base.load(fromByteOffset: at, as: UInt8.self)
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ at: Int) -> UInt64 {
        unsafe base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
    }
}
