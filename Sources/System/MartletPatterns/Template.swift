/// A replacement text with references to groups, by Go's rules.
///
/// `$name` takes the longest run of letters, digits and underscores, so that `$1x` is the group named `1x`; `${name}`
/// ends at its brace; `$$` is a dollar sign; a `$` that begins none of these stays as it is.
///
/// - SeeAlso: [regexp.Expand](https://pkg.go.dev/regexp@go1.24#Regexp.Expand)
struct Template {
    enum Piece: Hashable {
        case text([UInt8])
        case number(Int)
        case name(String)
    }

    private(set) var pieces: [Piece] = []

    init(_ source: String) {
        var text: [UInt8] = []
        var rest = Substring(source).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                text += Array(String(scalar).utf8)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                text.append(UInt8(ascii: "$"))
            } else if let name = Self.takeName(from: &rest) {
                if !text.isEmpty { pieces.append(.text(text)) }
                text = []
                pieces.append(Self.reference(name))
            } else {
                text.append(UInt8(ascii: "$"))
            }
        }
        if !text.isEmpty { pieces.append(.text(text)) }
    }

    /// Writes the template with each reference replaced by the group's text.
    func append(
        to output: inout [UInt8],
        from text: UnsafeBufferPointer<UInt8>,
        groups: [Range<Int>?],
        numberOf: (String) -> Int?
    ) {
        for piece in pieces {
            let number: Int?
            switch piece {
            case .text(let bytes):
                output += bytes
                continue
            case .number(let written): number = written
            case .name(let name): number = numberOf(name)
            }
            guard let number, number < groups.count, let span = groups[number] else { continue }
            unsafe output.append(contentsOf: text[span])
        }
    }

    private static func takeName(from rest: inout Substring.UnicodeScalarView) -> String? {
        var ahead = rest
        let hasBrace = ahead.first == "{"
        if hasBrace { ahead.removeFirst() }
        let name = ahead.prefix { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType == .decimal }
        guard !name.isEmpty else { return nil }
        ahead.removeFirst(name.count)
        if hasBrace {
            guard ahead.popFirst() == "}" else { return nil }
        }
        rest = ahead
        return String(name)
    }

    /// A number has no leading zero and at most eight digits; anything else is a name.
    private static func reference(_ name: String) -> Piece {
        let isNumber =
            name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && (name.utf8.count == 1 || name.utf8.first != UInt8(ascii: "0")) && name.utf8.count <= 8
        guard isNumber, let number = Int(name) else { return .name(name) }
        return .number(number)
    }
}
