import Foundation
import MartletEvents
import MartletLogStore
import MartletPatterns
import MartletSearch
import Testing

/// Tries everything that the guide about the search language shows.
@Suite("Search language's guide")
struct SearchGuideTests {
    private static let cart = "GET /cart took 5 ms"
    private static let paid = "user-42 paid 12.5 EUR"
    private static let refused = "Connection refused by db-1"

    /// What each example finds among the three records of the samples, newest first.
    private static let found: [String: [String]] = [
        "refused": [refused], "\"connection refused\"": [refused], "conn*": [refused],
        "\"connection ref\"*": [refused], "/took \\d+ ms/": [cart], "/(?i)GET .*cart/": [cart],
        "service:shop": [refused, paid, cart], "component:checkout": [refused, paid, cart],
        "operation:db.error": [refused], "host:a1": [refused, paid, cart], "status:200": [cart],
        "user:\"user-42\"": [paid], "@user:user-42": [paid], "user:*": [paid], "user:user-*": [paid],
        "user:/4[0-9]$/": [paid], "status:>200": [paid], "duration:>4ms": [cart], "size:>=1KiB": [],
        "status:200..299": [paid, cart], "status:[200 TO 299]": [paid, cart], "status:500..": [],
        "status:(200 OR 500)": [cart], "level:error": [refused], "level:>=warn": [refused],
        "time:>=2023-11-14T22:13:21Z": [refused, paid], "trace:0af7651916cd43dd8448eb211c80319c": [paid],
        "span:b7ad6b7169203331": [paid], "-refused": [paid, cart], "refused OR paid": [refused, paid],
        "service:shop AND paid": [paid], "(refused OR paid) -level:error": [paid], "message:refused": [refused],
        "paid | limit 5": [paid],
    ]

    private static let tables: [String: [[String]]] = [
        "* | count": [["3"]],
        "* | count by (service, level)": [["shop", "info", "2"], ["shop", "error", "1"]],
        "* | top 10 user": [["user-42", "1"]],
        "* | histogram 1m": [["2023-11-14T22:13:00Z", "3"]],
        "* | histogram 1m by level": [["2023-11-14T22:13:00Z", "error", "1"], ["2023-11-14T22:13:00Z", "info", "2"]],
        "* | patterns": [
            ["Connection refused by <*>", "1"], ["GET /cart took <*> ms", "1"], ["<*> paid <*> EUR", "1"],
        ],
    ]

    @Test func `every example finds what the guide says`() throws {
        let directory = TemporaryDirectory()
        let store = try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
        _ = try store.append(Samples.shop)
        let examples = try Self.examples()
        #expect(examples.count == Self.found.count + Self.tables.count)
        for isSealed in [false, true] {
            if isSealed { try store.sealAll() }
            for example in examples {
                let answer = try store.search(example)
                if let rows = Self.tables[example] {
                    #expect(Set(answer.table?.rows ?? []) == Set(rows), "\(example)")
                } else {
                    let bodies = answer.records.map(\.entry.body.text)
                    #expect(try bodies == #require(Self.found[example]), "\(example)")
                }
            }
        }
        try store.close()
    }

    /// The code in the first column of the guide's tables.
    private static func examples() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["MARTLET_GUIDE_DIR"] ?? root.path + "/docs/guide"
        let whole = try String(contentsOfFile: path + "/search-language.md", encoding: .utf8)
        // What the guide says of traces is tried where traces are.
        let text = whole.components(separatedBy: "\n## Traces\n")[0]
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { line in
            let rest = line.dropFirst(3)
            guard let end = rest.range(of: "` |") else { return nil }
            return rest[..<end.lowerBound].replacingOccurrences(of: "\\|", with: "|")
        }
    }
}
