/// Writes JSON straight into bytes, in the order of the calls; commas are its own affair.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///     $0.member("status", "success")
///     $0.member("data", strings: ["a", "b"])
/// }
/// // {"status":"success","data":["a","b"]}
/// ```
///
/// The writer trusts its caller: a key belongs into an object, and each key is followed by one value.
public struct JSONWriter: Sendable {
    /// What has been written so far, UTF-8.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates a writer of one JSON value.
    public init() {}

    // MARK: Values

    /// Writes a text in quotes, escaped.
    public mutating func string(_ text: String) {
        separate()
        JSONText.append(text, to: &bytes)
    }

    /// Writes a whole number.
    public mutating func integer(_ number: some BinaryInteger) {
        raw(String(number))
    }

    /// Writes a finite number; others, which JSON lacks, as the texts `"NaN"`, `"+Inf"` and `"-Inf"`.
    public mutating func number(_ value: Double) {
        value.isFinite ? raw(FloatText.shortest(value)) : string(FloatText.shortest(value))
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ flag: Bool) {
        raw(flag ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        raw("null")
    }

    /// Writes labels as an object of texts.
    public mutating func labels(_ labels: LabelSet) {
        object { for label in labels { $0.member(label.name, label.value) } }
    }

    /// Writes a text that is a JSON value already.
    public mutating func raw(_ json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
    }

    // MARK: Containers

    /// Writes `{ … }` around what the closure writes.
    public mutating func object(_ content: (inout JSONWriter) -> Void) {
        enclose("{", "}", content)
    }

    /// Writes `[ … ]` around what the closure writes.
    public mutating func array(_ content: (inout JSONWriter) -> Void) {
        enclose("[", "]", content)
    }

    /// Writes a list, one element after the other.
    public mutating func array<Element>(
        _ elements: some Sequence<Element>,
        _ each: (inout JSONWriter, Element) -> Void
    ) {
        array { writer in for element in elements { each(&writer, element) } }
    }

    // MARK: Members of an object

    /// Writes a member's name; its value follows.
    public mutating func key(_ name: String) {
        separate()
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member that is a text.
    public mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes a member that is a whole number.
    public mutating func member(_ name: String, _ number: some BinaryInteger) {
        key(name)
        integer(number)
    }

    /// Writes a member that is a number, as ``number(_:)`` does.
    public mutating func member(_ name: String, _ number: Double) {
        key(name)
        self.number(number)
    }

    /// Writes a member that is `true` or `false`.
    public mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    /// Writes a member that is a label set, as an object of texts.
    public mutating func member(_ name: String, labels: LabelSet) {
        key(name)
        self.labels(labels)
    }

    /// Writes a member that is an object of texts, sorted by name.
    public mutating func member(_ name: String, texts: [String: String]) {
        key(name)
        object { for (name, text) in texts.sorted(by: { $0.key < $1.key }) { $0.member(name, text) } }
    }

    /// Writes a member that is a list of texts.
    public mutating func member(_ name: String, strings: some Sequence<String>) {
        key(name)
        array(strings) { $0.string($1) }
    }

    /// Writes a member that is an object.
    public mutating func member(_ name: String, object content: (inout JSONWriter) -> Void) {
        key(name)
        object(content)
    }

    /// Writes a member that is a list, one element after the other.
    public mutating func member<Element>(
        _ name: String,
        array elements: some Sequence<Element>,
        _ each: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        array(elements, each)
    }

    // MARK: Commas

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
