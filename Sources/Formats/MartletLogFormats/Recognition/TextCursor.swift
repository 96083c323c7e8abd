/// A place in a text that is read from its beginning.
struct TextCursor {
    let bytes: ArraySlice<UInt8>
    private(set) var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    var isAtEnd: Bool { place == bytes.endIndex }

    /// What was not read yet.
    var rest: ArraySlice<UInt8> { bytes[place...] }

    var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    /// Passes over a byte if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.endIndex, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// Passes over a text if it comes next.
    mutating func take(text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        place += text.utf8.count
        return true
    }

    mutating func skip(to place: Int) {
        self.place = place
    }

    /// What stands before a byte, which is passed over; `nil` where it does not come.
    mutating func takeUntil(_ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: byte) else { return nil }
        defer { place = end + 1 }
        return bytes[place..<end]
    }

    /// What stands before the next blank or the end; the blank stays.
    mutating func word() -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: 0x20) ?? bytes.endIndex
        defer { place = end }
        return bytes[place..<end]
    }

    /// Digits as a number; as many as there are must be as many as allowed.
    mutating func number(digits: ClosedRange<Int>) -> Int64? {
        var value: Int64 = 0
        var end = place
        while end < bytes.endIndex, (0x30...0x39).contains(bytes[end]) {
            guard end - place < digits.upperBound else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(Int64(bytes[end] - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
            end += 1
        }
        guard digits.contains(end - place) else { return nil }
        place = end
        return value
    }

    /// Two digits as a number, whatever follows.
    mutating func twoDigits() -> Int64? {
        guard bytes.endIndex - place >= 2 else { return nil }
        let (tens, ones) = (bytes[place], bytes[place + 1])
        guard (0x30...0x39).contains(tens), (0x30...0x39).contains(ones) else { return nil }
        place += 2
        return Int64(tens - 0x30) * 10 + Int64(ones - 0x30)
    }

    /// Digits behind a point, as billionths; what is finer is cut off.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = next, (0x30...0x39).contains(byte) {
            if count < 9 { value = value * 10 + Int64(byte - 0x30) }
            count += 1
            place += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(9, count) { value *= 10 }
        return value
    }

    /// `Jan` through `Dec`.
    mutating func month() -> Int64? {
        for (index, name) in Self.months.enumerated() where take(text: name) { return Int64(index + 1) }
        return nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
