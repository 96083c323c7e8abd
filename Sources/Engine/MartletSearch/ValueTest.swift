package import MartletSeries

/// What a value has to meet, with what can be worked out before any is looked at.
package struct ValueTest: Sendable {
    /// What is asked.
    package let test: SearchTest

    private let pattern: (any Pattern)?
    private let text: [UInt8]
    @usableFromInline let operand: SearchOperand?

    /// Prepares a test.
    ///
    /// - Throws: `PatternError` where its regular expression makes no sense.
    package init(_ test: SearchTest, _ patterns: any PatternCompiler) throws(PatternError) {
        self.test = test
        switch test {
        case .equals(let operand), .compares(_, let operand):
            self.operand = operand
            text = Array(operand.text.utf8)
            pattern = nil
        case .glob(let shape):
            operand = nil
            text = Array(shape.utf8)
            pattern = nil
        case .pattern(let source):
            operand = nil
            text = []
            // Written out in front, so that an unbalanced parenthesis cannot join what is around it.
            _ = try patterns.compile(source)
            pattern = try patterns.compile(".*(?:\(source)).*")
        case .exists: (operand, text, pattern) = (nil, [], nil)
        }
    }

    /// Whether it is a regular expression, which takes long.
    package var isPattern: Bool { pattern != nil }

    /// What the operand's number counts, where there is an operand.
    package var operandUnit: SearchOperand.Unit? { operand?.unit }

    /// The one text that meets it, where there is just one.
    package var onlyText: [UInt8]? {
        guard case .equals(let operand) = test, operand.unit == .none else { return nil }
        return text
    }

    /// Whether a text meets it.
    package func matches(_ value: Span<UInt8>, unit: Double = 1) -> Bool {
        switch test {
        case .exists: return true
        case .glob: return Self.glob(text.span, value)
        case .pattern: return pattern?.matches(value.string) ?? false
        case .equals:
            if value.count == text.count, value.equals(text) { return true }
            guard let operand, operand.unit != .none, let wanted = operand.number, let found = number(value, unit)
            else {
                return false
            }
            return found == wanted
        case .compares(let sign, _):
            guard let operand else { return false }
            if let wanted = operand.number {
                guard let found = number(value, unit) else { return false }
                return sign.holds(found, wanted)
            }
            return sign.holds(value.string, operand.text)
        }
    }

    /// Whether a number meets it; the unit is what one of it is worth in the base of the operand's unit.
    @inlinable
    package func matches(_ value: Double, text: @autoclosure () -> String, scale: ValueScale) -> Bool {
        switch test {
        case .exists: return true
        case .glob, .pattern: return matches(Array(text().utf8).span)
        case .equals:
            guard let operand, let wanted = operand.number else { return false }
            return value * scale.factor(operand.unit) == wanted
        case .compares(let sign, _):
            guard let operand, let wanted = operand.number else { return false }
            return sign.holds(value * scale.factor(operand.unit), wanted)
        }
    }

    /// Whether a flag meets it.
    package func matches(_ flag: Bool) -> Bool { matches(Array((flag ? "true" : "false").utf8).span) }

    /// The number that a text is, in the base of the operand's unit.
    private func number(_ value: Span<UInt8>, _ unit: Double) -> Double? {
        guard let (number, found) = SearchOperand.quantity(value), let operand else { return nil }
        if found == operand.unit { return number }
        // A bare number has the unit that its key tells; a number with a unit is no bare number.
        return found == .none ? number * unit : nil
    }

    /// Whether a text has a shape with stars; linear but for the stars' number.
    package static func glob(_ shape: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        var (place, at) = (0, 0)
        var back: (place: Int, at: Int)?
        while at < value.count {
            if place < shape.count, shape[place] == 0x2a {
                back = (place + 1, at)
                place += 1
            } else if place < shape.count, shape[place] == value[at] {
                place += 1
                at += 1
            } else if let (start, from) = back {
                back = (start, from + 1)
                (place, at) = (start, from + 1)
            } else {
                return false
            }
        }
        while place < shape.count, shape[place] == 0x2a { place += 1 }
        return place == shape.count
    }
}

/// What one of a number is worth, as its key tells.
package struct ValueScale: Sendable {
    @usableFromInline let nanoseconds: Double
    @usableFromInline let bytes: Double

    /// Reads the end of a key such as `duration_ms` or `size_kib`; without one, seconds and bytes are meant.
    package init(key: [UInt8]) {
        let name = String(decoding: key, as: UTF8.self)
        let end = name.lowercased().split { $0 == "_" || $0 == "." || $0 == "-" }.last.map(String.init) ?? ""
        nanoseconds =
            switch end {
            case "ns", "nanos", "nanoseconds": 1
            case "us", "micros", "microseconds": 1e3
            case "ms", "millis", "milliseconds": 1e6
            case "minutes": 60e9
            case "hours": 3600e9
            default: 1e9
            }
        bytes =
            switch end {
            case "kb": 1e3
            case "mb": 1e6
            case "gb": 1e9
            case "kib": 1024
            case "mib": 1_048_576
            case "gib": 1_073_741_824
            default: 1
            }
    }

    /// What one of a number is worth in the base of a unit.
    @inlinable
    package func factor(_ unit: SearchOperand.Unit) -> Double {
        switch unit {
        case .none: 1
        case .duration: nanoseconds
        case .bytes: bytes
        }
    }
}

extension Span<UInt8> {
    /// The bytes as a text; what is not UTF-8 is repaired.
    package var string: String { unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }

    /// Whether the bytes are these.
    package func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for place in other.indices where self[place] != other[place] { return false }
        return true
    }
}
