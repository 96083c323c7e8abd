import Testing

@testable import MartletLogStore

@Suite("Required text of regular expressions")
struct RequiredTextTests {
    @Test(arguments: [
        ("connection (reset|closed) by peer", ["connection", "peer", "by"]),
        ("sut[aeiou]oing", ["oing", "sut"]),
        ("abc?d", ["ab"]), ("abc*", ["ab"]), ("abc+d", ["abc"]), ("abc{0,2}def", ["def", "ab"]),
        ("user_id=\\d+ failed", ["user_id", "failed"]),
        ("a\\.bc", ["bc"]), ("[[:alpha:]xyz]end", ["end"]), ("[]abc]end", ["end"]), ("(?:abc)+def", ["def"]),
        ("(?P<name>abc)def", ["def"]),
    ])
    func `tells what stands in every match`(source: String, pieces: [String]) {
        let told = RequiredText.pieces(of: source).map { String(decoding: $0, as: UTF8.self) }
        #expect(told == pieces, "\(source)")
    }

    @Test(arguments: [
        "abc|def", "(?i)abc", "\\Qabc|def\\E", "x[abc", "(abc", "\\x{41}bc", "\\pLabc", "(abc)?", "[abc]+", ".*",
        "a.b.c", "",
        "ab{2", "(a(?i)bc)def", "\\",
    ])
    func `requires nothing where in doubt`(source: String) {
        #expect(RequiredText.pieces(of: source).isEmpty, "\(source)")
    }
}
