import MartletYAML
import Testing

@Suite("YAML")
struct YAMLParserTests {
    /// A node as compact text, to compare with a literal.
    private func shape(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, let isPlain): isPlain ? text : "\"\(text)\""
        case .sequence(let items): "[" + items.map(shape).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { shape($0.key) + ": " + shape($0.value) }.joined(separator: ", ") + "}"
        }
    }

    @Test(arguments: [
        ("", ""),
        ("# only a comment\n", ""),
        ("a: 1", "{a: 1}"),
        ("a: '1'\nb: \"2\"\nc: |\n  x\n  y\n", "{a: \"1\", b: \"2\", c: \"x\ny\n\"}"),
        ("- 1\n- [2, 3]\n- {k: v}", "[1, [2, 3], {k: v}]"),
        ("a: &x {k: 1}\nb: *x", "{a: {k: 1}, b: {k: 1}}"),
        ("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}", "{base: {x: 1, y: 2}, use: {y: 3, x: 1}}"),
        ("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}", "{a: {x: 1}, b: {x: 2, y: 2}, c: {x: 1, y: 2}}"),
        ("'<<': 1", "{\"<<\": 1}"),
        ("a: !!str 1\nb: !!int \"2\"\nc: !x y", "3:4: tag \"!x\" is not supported; leave it out"),
        ("a: !!str 1\nb: !!int \"2\"\nc: !!map {}", "{a: \"1\", b: 2, c: {}}"),
        ("---\na: 1\n...\n", "{a: 1}"),
        ("ключ: значение", "{ключ: значение}"),
    ])
    func `reads texts`(text: String, expected: String) {
        do throws(YAMLError) {
            #expect(shape(try YAMLParser.parse(text)) == expected)
        } catch {
            #expect(error.description == expected)
        }
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", "3:1: key \"a\" is written twice in one mapping; the first is at 1:1"),
        ("a: *nowhere", "1:4: alias \"*nowhere\" names no anchor before it"),
        ("a: &a [*a]", "1:8: alias \"*a\" names no anchor before it"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here; only one is allowed"),
        ("a:\n  - 1\n b: 2", "3:2: did not find expected key while parsing a block mapping that begins at 1:1"),
        ("a: [1, 2", "2:1: did not find expected ',' or ']' while parsing a flow sequence that begins at 1:4"),
        ("x: 1\nab\u{7}c: 2", "2:3: control characters are not allowed"),
        ("[a]: 1", "1:1: a mapping's key has to be a scalar, not a list or a mapping"),
        ("<<: 1", "1:5: \"<<\" merges a mapping or a list of mappings; this is a scalar"),
        ("<<: [1]", "1:6: \"<<\" merges mappings only; this is none"),
        ("a: 'x", "1:6: found unexpected end of stream while scanning a quoted scalar that begins at 1:4"),
    ])
    func `tells what is wrong and where`(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLParser.parse(text) }
        #expect(error?.description == message)
    }

    @Test func `marks count lines and characters from 1`() throws {
        let root = try YAMLParser.parse("é: x\nlist:\n  - один: два\n")
        guard case .mapping(let entries) = root.content, case .sequence(let items) = entries[1].value.content,
            case .mapping(let inner) = items[0].content
        else {
            Issue.record("unexpected shape: \(shape(root))")
            return
        }
        #expect(entries[0].value.mark == YAMLMark(line: 1, column: 4))
        #expect(entries[1].key.mark == YAMLMark(line: 2, column: 1))
        #expect(inner[0].value.mark == YAMLMark(line: 3, column: 11))
    }

    @Test func `stops an alias bomb at the node limit`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLParser.parse(text) }
        #expect(error?.message == "document exceeds the limit of 1000000 nodes, aliases expanded")
        #expect(error?.mark.line == 6)
    }

    @Test func `stops at the depth limit`() throws {
        _ = try YAMLParser.parse(String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
        let deep = String(repeating: "[", count: 100_000)
        let error = #expect(throws: YAMLError.self) { try YAMLParser.parse(deep) }
        #expect(error?.description == "1:102: document nests deeper than the limit of 100 levels")
    }

    @Test func `stops at the size limit`() {
        var limits = YAMLParser.Limits()
        limits.documentBytesMax = 4
        let error = #expect(throws: YAMLError.self) { try YAMLParser.parse("a: 12", limits: limits) }
        #expect(error?.message == "document has 5 bytes, more than the limit of 4")
    }

    @Test func `survives every truncation and many mutations`() {
        let text = "a: &x {k: [1, 'two', \"th\\tree\"]}\nb:\n  - <<: *x\n    c: |\n      text\n  - !!str 5\n"
        let bytes = Array(text.utf8)
        for end in 0...bytes.count { _ = try? YAMLParser.parse(String(decoding: bytes[..<end], as: UTF8.self)) }
        var random = SeededRandom(seed: 42)
        for _ in 0..<5_000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
            }
            _ = try? YAMLParser.parse(String(decoding: mutated, as: UTF8.self))
        }
    }
}
