import MartletCore

/// Writes JSON straight into bytes, in the order of the calls; commas are its own affair.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Writes `{ … }` around what the closure writes.
    mutating func object(_ content: (inout JSONWriter) -> Void) {
        enclose("{", "}", content)
    }

    /// Writes `[ … ]` around what the closure writes.
    mutating func array(_ content: (inout JSONWriter) -> Void) {
        enclose("[", "]", content)
    }

    /// Writes a list, one element after the other.
    mutating func array<Element>(_ elements: some Sequence<Element>, _ each: (inout JSONWriter, Element) -> Void) {
        array { writer in for element in elements { each(&writer, element) } }
    }

    /// Writes a member's name; its value follows.
    mutating func key(_ name: String) {
        separate()
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ text: String) {
        separate()
        JSONText.append(text, to: &bytes)
    }

    mutating func integer(_ number: some BinaryInteger) {
        raw(String(number))
    }

    mutating func bool(_ flag: Bool) {
        raw(flag ? "true" : "false")
    }

    mutating func null() {
        raw("null")
    }

    /// Writes a finite number; others, which JSON lacks, as text.
    mutating func number(_ value: Double) {
        value.isFinite ? raw(FloatText.shortest(value)) : string(FloatText.shortest(value))
    }

    /// Writes milliseconds since the epoch as seconds, with the fraction only where there is one.
    mutating func timestamp(_ milliseconds: Int64) {
        separate()
        let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: String(seconds).utf8)
        guard rest != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: String(1000 + rest).utf8.dropFirst())
    }

    /// Writes a sample as the API does: `[1435781451.781,"1"]`.
    mutating func sample(_ milliseconds: Int64, _ value: Double) {
        array {
            $0.timestamp(milliseconds)
            $0.string(FloatText.shortest(value))
        }
    }

    /// Writes labels as an object of texts.
    mutating func labels(_ labels: LabelSet) {
        object { for label in labels { $0.member(label.name, label.value) } }
    }

    mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    mutating func member(_ name: String, _ number: some BinaryInteger) {
        key(name)
        integer(number)
    }

    mutating func member(_ name: String, _ number: Double) {
        key(name)
        self.number(number)
    }

    mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    mutating func member(_ name: String, labels: LabelSet) {
        key(name)
        self.labels(labels)
    }

    mutating func member(_ name: String, strings: some Sequence<String>) {
        key(name)
        array(strings) { $0.string($1) }
    }

    /// Writes a text that is JSON already.
    mutating func raw(_ json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
    }

    private mutating func enclose(
        _ open: Unicode.Scalar,
        _ close: Unicode.Scalar,
        _ content: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
