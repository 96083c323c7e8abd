import MartletCore

/// Go's `printf`: verbs with flags, width and precision, and its way of marking wrong ones in the result.
struct TemplatePrintf {
    /// The widest a value is padded to.
    private static let widthMax = 1000

    private struct Verb {
        var isLeft = false, hasPlus = false, isSharp = false, hasSpace = false, hasZero = false
        var width: Int?
        var precision: Int?
    }

    private let arguments: [TemplateValue]
    private var used = 0
    private var result = ""

    private init(_ arguments: [TemplateValue]) { self.arguments = arguments }

    /// The format with its verbs replaced by the arguments.
    static func string(_ format: String, _ arguments: [TemplateValue]) -> String {
        var printer = TemplatePrintf(arguments)
        printer.run(Array(format))
        return printer.result
    }

    private mutating func run(_ format: [Character]) {
        var place = 0
        while place < format.count {
            guard format[place] == "%" else {
                result.append(format[place])
                place += 1
                continue
            }
            place += 1
            var verb = Verb()
            readFlags(&verb, format, &place)
            verb.width = readNumber(format, &place)
            if let width = verb.width, width < 0 { (verb.isLeft, verb.width) = (true, -width) }
            if place < format.count, format[place] == "." {
                place += 1
                verb.precision = readNumber(format, &place) ?? 0
            }
            guard place < format.count else {
                result += "%!(NOVERB)"
                return
            }
            let letter = format[place]
            place += 1
            if letter == "%" {
                result += "%"
            } else if used < arguments.count {
                let argument = arguments[used]
                used += 1
                result += pad(formatted(argument, letter, verb), verb)
            } else {
                result += "%!\(letter)(MISSING)"
            }
        }
        appendExtras()
    }

    private mutating func appendExtras() {
        guard used < arguments.count else { return }
        let extras = arguments[used...].map { value in
            if case .none = value { return "<nil>" }
            return "\(value.typeName)=\(TemplateFormat.text(value))"
        }
        result += "%!(EXTRA \(extras.joined(separator: ", ")))"
    }

    private func readFlags(_ verb: inout Verb, _ format: [Character], _ place: inout Int) {
        while place < format.count {
            switch format[place] {
            case "-": verb.isLeft = true
            case "+": verb.hasPlus = true
            case "#": verb.isSharp = true
            case " ": verb.hasSpace = true
            case "0": verb.hasZero = true
            default: return
            }
            place += 1
        }
    }

    private mutating func readNumber(_ format: [Character], _ place: inout Int) -> Int? {
        if place < format.count, format[place] == "*" {
            place += 1
            guard used < arguments.count, case .integer(let number) = arguments[used] else {
                result += "%!(BADWIDTH)"
                used = min(used + 1, arguments.count)
                return nil
            }
            used += 1
            return Int(max(-Int64(Self.widthMax), min(number, Int64(Self.widthMax))))
        }
        var number: Int?
        while place < format.count, let digit = format[place].wholeNumberValue, format[place].isASCII {
            number = min((number ?? 0) * 10 + digit, Self.widthMax)
            place += 1
        }
        return number
    }

    private func formatted(_ value: TemplateValue, _ letter: Character, _ verb: Verb) -> String {
        switch (letter, value) {
        case ("T", _): return value.typeName
        case ("v", .float(let number)):
            return signed(NumberText.string(number, form: "g", precision: verb.precision), verb)
        case ("v", .integer(let number)): return signed(String(number), verb)
        case ("v", _): return TemplateFormat.text(value)
        case ("t", .bool(let flag)): return flag ? "true" : "false"
        case ("s", .list(let items)):
            return "[" + items.map { formatted($0, letter, verb) }.joined(separator: " ") + "]"
        case ("s", .string), ("s", .time), ("s", .duration), ("s", .labels), ("s", .map):
            return cut(TemplateFormat.text(value), verb)
        case ("q", .string(let text)): return LabelSyntax.quoted(cut(text, verb))
        case ("q", .integer(let code)):
            return "'\(Unicode.Scalar(UInt32(clamping: code)).map(String.init) ?? "\u{fffd}")'"
        case ("x", .string(let text)), ("X", .string(let text)):
            return hexadecimal(text, isUpper: letter == "X")
        case (_, .integer(let number)), (_, .duration(let number)):
            return integer(number, letter, verb) ?? wrong(value, letter)
        case (_, .float(let number)): return float(number, letter, verb) ?? wrong(value, letter)
        default: return wrong(value, letter)
        }
    }

    private func integer(_ number: Int64, _ letter: Character, _ verb: Verb) -> String? {
        switch letter {
        case "d": signed(String(number), verb)
        case "b": signed(String(number, radix: 2), verb)
        case "o": signed((verb.isSharp ? "0" : "") + String(number, radix: 8), verb)
        case "x", "X":
            signed((verb.isSharp ? "0\(letter)" : "") + String(number, radix: 16, uppercase: letter == "X"), verb)
        case "c": Unicode.Scalar(UInt32(clamping: number)).map(String.init) ?? "\u{fffd}"
        case "U": "U+" + leftZeros(String(UInt32(clamping: number), radix: 16, uppercase: true), 4)
        default: nil
        }
    }

    private func float(_ number: Double, _ letter: Character, _ verb: Verb) -> String? {
        switch letter {
        case "f", "F": signed(NumberText.string(number, form: "f", precision: verb.precision ?? 6), verb)
        case "e": signed(NumberText.string(number, form: "e", precision: verb.precision ?? 6), verb)
        case "E": signed(NumberText.string(number, form: "e", precision: verb.precision ?? 6).uppercased(), verb)
        case "g": signed(NumberText.string(number, form: "g", precision: verb.precision), verb)
        case "G": signed(NumberText.string(number, form: "g", precision: verb.precision).uppercased(), verb)
        default: nil
        }
    }

    private func wrong(_ value: TemplateValue, _ letter: Character) -> String {
        if case .none = value { return "%!\(letter)(<nil>)" }
        return "%!\(letter)(\(value.typeName)=\(TemplateFormat.text(value)))"
    }

    private func signed(_ text: String, _ verb: Verb) -> String {
        if text.hasPrefix("-") || text.hasPrefix("+") {
            return text == "+Inf" && !verb.hasPlus && verb.hasSpace ? " Inf" : text
        }
        return (verb.hasPlus ? "+" : verb.hasSpace ? " " : "") + text
    }

    private func cut(_ text: String, _ verb: Verb) -> String {
        verb.precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
    }

    private func hexadecimal(_ text: String, isUpper: Bool) -> String {
        text.utf8.map { leftZeros(String($0, radix: 16, uppercase: isUpper), 2) }.joined()
    }

    private func leftZeros(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    private func pad(_ text: String, _ verb: Verb) -> String {
        guard let width = verb.width else { return text }
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        if verb.isLeft { return text + String(repeating: " ", count: missing) }
        let isNumber = text.utf8.contains { (0x30...0x39).contains($0) }
        guard verb.hasZero, isNumber else { return String(repeating: " ", count: missing) + text }
        let sign = text.prefix { "+- ".contains($0) }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}
