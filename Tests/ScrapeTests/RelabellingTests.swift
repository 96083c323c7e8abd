import MartletConfiguration
import MartletCore
import MartletPatterns
import MartletSeries
import Testing

@testable import MartletScrape

@Suite("Relabelling")
struct RelabellingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: [RelabelRule]
        var before: LabelSet
        var after: LabelSet?
    }

    static func pattern(_ source: String) -> (any Pattern)? {
        try? RE2Patterns().compile(source)
    }

    static let cases: [Case] = [
        Case(
            testDescription: "replace joins with the separator and puts groups in",
            rules: [
                RelabelRule(
                    .replace,
                    from: ["a", "b"],
                    separator: "-",
                    matching: pattern("(f.+)-(b.+)"),
                    to: "d",
                    replacement: "ch${1}-$2"
                )
            ],
            before: ["a": "foo", "b": "bar"],
            after: ["a": "foo", "b": "bar", "d": "chfoo-bar"]
        ),
        Case(
            testDescription: "replace without a match changes nothing",
            rules: [RelabelRule(.replace, from: ["a"], matching: pattern("x"), to: "d", replacement: "y")],
            before: ["a": "foo"],
            after: ["a": "foo"]
        ),
        Case(
            testDescription: "the expression is anchored at both ends",
            rules: [RelabelRule(.replace, from: ["a"], matching: pattern("fo"), to: "d", replacement: "y")],
            before: ["a": "foo"],
            after: ["a": "foo"]
        ),
        Case(
            testDescription: "replace by nothing removes the label",
            rules: [RelabelRule(.replace, from: ["none"], to: "a")],
            before: ["a": "foo", "b": "x"],
            after: ["b": "x"]
        ),
        Case(
            testDescription: "replace by a text without an expression",
            rules: [RelabelRule(.replace, to: "env", replacement: "prod")],
            before: ["a": "foo"],
            after: ["a": "foo", "env": "prod"]
        ),
        Case(
            testDescription: "the default expression has one group",
            rules: [RelabelRule(.replace, from: ["a"], to: "b", replacement: "<$0|${1}|$2|$$|$1x>")],
            before: ["a": "foo"],
            after: ["a": "foo", "b": "<foo|foo||$|>"]
        ),
        Case(
            testDescription: "the target label can hold groups",
            rules: [RelabelRule(.replace, from: ["a"], matching: pattern("(.+)=(.+)"), to: "${1}", replacement: "$2")],
            before: ["a": "k=v"],
            after: ["a": "k=v", "k": "v"]
        ),
        Case(
            testDescription: "missing labels are empty and the separator is a semicolon",
            rules: [RelabelRule(.replace, from: ["a", "none", "b"], to: "c")],
            before: ["a": "1", "b": "2"],
            after: ["a": "1", "b": "2", "c": "1;;2"]
        ),
        Case(
            testDescription: "keep drops what does not match",
            rules: [RelabelRule(.keep, from: ["a"], matching: pattern("f|b"))],
            before: ["a": "foo"],
            after: nil
        ),
        Case(
            testDescription: "keep keeps what matches",
            rules: [RelabelRule(.keep, from: ["a"], matching: pattern("f.*"))],
            before: ["a": "foo"],
            after: ["a": "foo"]
        ),
        Case(
            testDescription: "drop drops what matches",
            rules: [RelabelRule(.drop, from: ["a"], matching: pattern(".*o.*"))],
            before: ["a": "foo"],
            after: nil
        ),
        Case(
            testDescription: "drop keeps what does not match, and later rules run",
            rules: [
                RelabelRule(.drop, from: ["a"], matching: pattern("bar")),
                RelabelRule(.replace, to: "b", replacement: "x"),
            ],
            before: ["a": "foo"],
            after: ["a": "foo", "b": "x"]
        ),
        Case(
            testDescription: "keepequal keeps equal labels",
            rules: [RelabelRule(.keepEqual, from: ["port"], to: "wanted")],
            before: ["port": "80", "wanted": "80"],
            after: ["port": "80", "wanted": "80"]
        ),
        Case(
            testDescription: "keepequal drops other labels",
            rules: [RelabelRule(.keepEqual, from: ["port"], to: "wanted")],
            before: ["port": "80", "wanted": "81"],
            after: nil
        ),
        Case(
            testDescription: "dropequal drops equal labels",
            rules: [RelabelRule(.dropEqual, from: ["port"], to: "wanted")],
            before: ["port": "80", "wanted": "80"],
            after: nil
        ),
        Case(
            testDescription: "dropequal keeps other labels",
            rules: [RelabelRule(.dropEqual, from: ["port"], to: "wanted")],
            before: ["port": "80", "wanted": "81"],
            after: ["port": "80", "wanted": "81"]
        ),
        Case(
            testDescription: "hashmod is the md5 of the sources",
            rules: [RelabelRule(.hashMod, from: ["__address__"], modulus: 8, to: "shard")],
            before: ["__address__": "node-1:9100"],
            after: ["__address__": "node-1:9100", "shard": "5"]
        ),
        Case(
            testDescription: "hashmod joins its sources",
            rules: [RelabelRule(.hashMod, from: ["x", "y"], modulus: 1000, to: "shard")],
            before: ["x": "a", "y": "b"],
            after: ["shard": "74", "x": "a", "y": "b"]
        ),
        Case(
            testDescription: "labelmap copies matching names",
            rules: [RelabelRule(.labelMap, matching: pattern("__meta_(my.*)"))],
            before: ["__meta_my_bar": "aaa", "__meta_my_baz": "bbb", "a": "foo"],
            after: ["__meta_my_bar": "aaa", "__meta_my_baz": "bbb", "a": "foo", "my_bar": "aaa", "my_baz": "bbb"]
        ),
        Case(
            testDescription: "labelmap writes names by its replacement",
            rules: [RelabelRule(.labelMap, matching: pattern("meta_(.*)"), replacement: "bar_${1}")],
            before: ["a": "foo", "meta_ng": "baz"],
            after: ["a": "foo", "bar_ng": "baz", "meta_ng": "baz"]
        ),
        Case(
            testDescription: "labeldrop removes matching names",
            rules: [RelabelRule(.labelDrop, matching: pattern("b.*"))],
            before: ["a": "foo", "b1": "bar", "b2": "baz"],
            after: ["a": "foo"]
        ),
        Case(
            testDescription: "labelkeep removes other names",
            rules: [RelabelRule(.labelKeep, matching: pattern("b.*"))],
            before: ["a": "foo", "b1": "bar", "b2": "baz"],
            after: ["b1": "bar", "b2": "baz"]
        ),
        Case(
            testDescription: "lowercase and uppercase change letters",
            rules: [RelabelRule(.lowercase, from: ["a"], to: "low"), RelabelRule(.uppercase, from: ["a"], to: "up")],
            before: ["a": "FoO"],
            after: ["a": "FoO", "low": "foo", "up": "FOO"]
        ),
        Case(testDescription: "no rules change nothing", rules: [], before: ["a": "b"], after: ["a": "b"]),
    ]

    @Test(arguments: cases)
    func `a rule does what Prometheus does`(_ example: Case) {
        #expect(Relabelling.apply(example.rules, to: example.before) == example.after)
    }

    // The digests are those that md5sum prints.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("node-1:9100", "94a92d2366493f23cc37bf0810c7d33d"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (String(repeating: "x", count: 200), "30a83621ce5422fbdfdd539777458c78"),
        (String(repeating: "y", count: 55), "b8f486d6805a37c97c6b929c2e880937"),
        (String(repeating: "y", count: 56), "6c830a5d23df58dbe0171eb5639bf3e4"),
        (String(repeating: "y", count: 64), "b0c4864f4e28d2d76929c38d87db7ed5"),
    ])
    func `md5 is the digest of RFC 1321`(text: String, digest: String) {
        let hex = MD5.digest(text).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == digest)
    }
}
