import MartletCore
import Testing

@Suite("JSONParser")
struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func `reads every kind of value`() throws {
        let text = #" {"a" : [1, -2.5e+3 ,true,false,null], "b":{"c":"d"} , "":[] , "e":{} } "#
        #expect(
            try parse(text)
                == .object([
                    "a": .array([.number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null]),
                    "b": .object(["c": .string("d")]), "": .array([]), "e": .object([:]),
                ])
        )
    }

    @Test func `resolves escapes`() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\tü\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{c}\n\r\tü😀é"))
    }

    @Test func `numbers are exact as integers and doubles`() throws {
        #expect(try parse("18446744073709551615").integer(UInt64.self) == .max)
        #expect(try parse("-9223372036854775808").integer(Int64.self) == .min)
        #expect(try parse("1e3").integer(Int.self) == 1000)
        #expect(try parse("1.5").integer(Int.self) == nil)
        #expect(try parse("256").integer(UInt8.self) == nil)
        #expect(try parse("0.1").double == 0.1)
        #expect(try parse("\"+Inf\"").double == .infinity)
        #expect(try parse("\"-Inf\"").double == -.infinity)
        #expect(try parse("\"NaN\"").double?.isNaN == true)
        #expect(try parse("\"1\"").double == nil)
        #expect(try parse("true").integer(Int.self) == nil)
    }

    @Test func `parts are found by what they are`() throws {
        let value = try parse(#"{"a":[1],"b":"t"}"#)
        #expect(value["a"]?.elements == [.number("1")])
        #expect(value["b"]?.text == "t")
        #expect(value["c"] == nil)
        #expect(value.members?.count == 2)
        #expect(value.text == nil)
        #expect(value.elements == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value["a"]?.members == nil)
    }

    @Test(
        arguments: [
            ("", 0, "the text ends where a value belongs"), ("x", 0, "expected a value"),
            ("tru", 0, "expected a value"),
            ("1 2", 2, "there is text after the value"), ("[1 2]", 3, "expected a comma or a closing bracket"),
            ("[1,]", 3, "expected a value"), ("{a:1}", 1, "expected a member's name in quotes"),
            ("{\"a\" 1}", 5, "expected a colon after the member's name"),
            ("{\"a\":1 \"b\"}", 7, "expected a comma or a closing brace"), ("\"a", 0, "the text is not closed"),
            ("\"\\", 2, "the text is not closed"), ("\"\\x\"", 2, "unknown escape"),
            ("\"\\u12g4\"", 3, "expected four hexadecimal digits"), ("\"\\ud800\"", 7, "half a character"),
            ("\"\\ud800\\u0041\"", 13, "half a character"), ("\"\\udc00\"", 7, "half a character"),
            ("\"\n\"", 1, "a control character stands in a text; escape it"),
            ("01", 2, "a number starts with a needless 0"),
            ("-", 1, "expected a digit"), ("1.", 2, "expected a digit after the point"),
            ("1e", 2, "expected a digit in the exponent"),
        ] as [(String, Int, String)]
    )
    func `says what is wrong and where`(text: String, offset: Int, reason: String) {
        #expect(throws: JSONError(offset: offset, reason: reason)) { try parse(text) }
        #expect(JSONError(offset: offset, reason: reason).description == "not JSON at byte \(offset): \(reason)")
    }

    @Test func `refuses texts that are not UTF-8, and values nested too deep`() {
        #expect(throws: JSONError(offset: 0, reason: "the text is not UTF-8")) {
            try JSONParser.parse([0x22, 0xff, 0x22])
        }
        #expect(throws: Never.self) {
            try parse(String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
        }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }
}
