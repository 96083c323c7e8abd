import MartletCore
import MartletFiles
import MartletSeries
import Testing

@testable import MartletTSDB

@Suite("Selecting")
struct SelectTests {
    let directory = TemporaryDirectory()

    /// Half of the samples sealed, half in memory.
    private func filled() throws -> TimeSeriesStore {
        let store = try openStore(directory)
        for half in 0..<2 {
            var batch: [IncomingSample] = []
            for (name, job, code) in [
                ("up", "api", ""), ("up", "web", ""), ("up", "", ""), ("hits", "api", "200"), ("hits", "api", "500"),
                ("hits", "web", "200"),
            ] {
                let labels: LabelSet = ["__name__": name, "job": job, "code": code]
                for step in 0..<2 {
                    batch.append(
                        IncomingSample(
                            labels: labels,
                            timestamp: noon + Int64(2000 * half + 1000 * step),
                            value: Double(2 * half + step)
                        )
                    )
                }
            }
            try store.append(batch)
            if half == 0 { try store.sealAll() }
        }
        return store
    }

    private func names(_ store: TimeSeriesStore, _ matchers: [LabelMatcher]) throws -> [String] {
        try store.select(matchers, in: noon...(noon + 9000)).map { "\($0.labels)" }
    }

    @Test func `conditions choose series, and an empty value is a missing label`() throws {
        let store = try filled()
        let code = [#"hits{code="200", job="api"}"#, #"hits{code="200", job="web"}"#]
        #expect(try names(store, [LabelMatcher("code", .equal, "200")]) == code)
        #expect(try names(store, [LabelMatcher("__name__", .equal, "up"), LabelMatcher("job", .equal, "")]) == ["up"])
        #expect(
            try names(store, [LabelMatcher("__name__", .equal, "up"), LabelMatcher("job", .notEqual, "")])
                == [#"up{job="api"}"#, #"up{job="web"}"#]
        )
        #expect(
            try names(store, [LabelMatcher("__name__", .equal, "up"), LabelMatcher("job", .notEqual, "api")])
                == ["up", #"up{job="web"}"#]
        )
        #expect(try names(store, [LabelMatcher("nothing", .equal, "")]).count == 6)
        #expect(try names(store, [LabelMatcher("nothing", .equal, "x")]) == [])
        #expect(try names(store, [LabelMatcher("job", .equal, "nothing")]) == [])
        #expect(try names(store, []).count == 6)
    }

    @Test func `regular expressions are tried on each value of a label`() throws {
        let store = try filled()
        let compiler = SwiftPatterns()
        func matcher(_ name: String, _ operation: LabelMatcher.Operation, _ value: String) throws -> LabelMatcher {
            try LabelMatcher(name, operation, value, compiler: compiler)
        }
        #expect(try names(store, [matcher("code", .matches, "2.*")]).count == 2)
        #expect(try names(store, [matcher("code", .matches, "2.*|")]).count == 5)
        #expect(try names(store, [matcher("code", .doesNotMatch, "2.*|")]) == [#"hits{code="500", job="api"}"#])
        #expect(try names(store, [matcher("code", .doesNotMatch, "2.*")]).count == 4)
        #expect(
            try names(store, [matcher("__name__", .matches, "u.|x"), matcher("job", .matches, "a.+")])
                == [#"up{job="api"}"#]
        )
    }

    @Test func `sealed and new samples come together in order, within the range`() throws {
        let store = try filled()
        let up = [LabelMatcher("__name__", .equal, "up"), LabelMatcher("job", .equal, "api")]
        func times(_ range: ClosedRange<Int64>) throws -> [[Int64]] {
            try store.select(up, in: range).map { $0.timestamps.map { $0 - noon } }
        }
        #expect(try times(noon...(noon + 3000)) == [[0, 1000, 2000, 3000]])
        #expect(try times((noon + 1)...(noon + 2999)) == [[1000, 2000]])
        #expect(try times((noon + 1000)...(noon + 1000)) == [[1000]])
        #expect(try times((noon + 1001)...(noon + 1999)) == [])
        #expect(try times(.min...(noon - 1)) == [])
        #expect(try times((noon + 3001)...(.max)) == [])
    }

    @Test func `limits are kept while reading`() throws {
        let store = try filled()
        func select(_ limit: SelectionLimit) throws -> [Series] {
            try store.select([], in: noon...(noon + 9000), limit: limit)
        }
        #expect(try select(SelectionLimit(samples: 24, series: 6)).count == 6)
        #expect(
            throws: SeriesError.limitExceeded(
                "the selection has over 23 samples; ask for less time or fewer series, or raise the limit"
            )
        ) { try select(SelectionLimit(samples: 23)) }
        #expect(
            throws: SeriesError.limitExceeded("the selection has over 5 series; name more labels or raise the limit")
        ) { try select(SelectionLimit(series: 5)) }
    }

    @Test func `label names, values and sets come sorted and limited`() throws {
        let store = try filled()
        let range = noon...(noon + 9000)
        let hits = [LabelMatcher("__name__", .equal, "hits")]
        let web = [LabelMatcher("job", .equal, "web")]
        #expect(try store.labelNames(matching: [], in: range, limit: 9) == ["__name__", "code", "job"])
        #expect(try store.labelNames(matching: [], in: range, limit: 2) == ["__name__", "code"])
        #expect(try store.labelValues(of: "code", matching: [], in: range, limit: 9) == ["200", "500"])
        #expect(try store.labelValues(of: "code", matching: [web], in: range, limit: 9) == ["200"])
        #expect(try store.labelValues(of: "none", matching: [], in: range, limit: 9) == [])
        #expect(try store.labelSets(matching: [hits, web], in: range, limit: 9).count == 4)
        #expect(try store.labelSets(matching: [hits, web], in: range, limit: 1).map(\.metricName) == ["hits"])
        #expect(try store.labelSets(matching: [], in: (noon + 1001)...(noon + 1999), limit: 9) == [])
        #expect(try store.labelSets(matching: [], in: (noon + 2001)...(noon + 2999), limit: 9) == [])
        #expect(try store.labelSets(matching: [], in: noon...noon, limit: 9).count == 6)
    }

    @Test func `a cancelled reader stops`() async throws {
        let store = try openStore(directory)
        try store.append((0..<200).map { IncomingSample(i: $0, noon, 1) })
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try store.select([], in: noon...noon)
        }
        await #expect(throws: SeriesError.cancelled) { try await task.value }
    }
}

/// Patterns by Swift's own engine, for tests that need no speed.
struct SwiftPatterns: PatternCompiler {
    private struct Compiled: Pattern {
        let source: String

        func matches(_ text: String) -> Bool {
            guard let expression = try? Regex("(?:\(source))") else { return false }
            return text.wholeMatch(of: expression) != nil
        }

        func expand(_ template: String, in text: String) -> String? { nil }
        func replaceAll(in text: String, with template: String) -> String { text }
    }

    func compile(_ source: String) throws(PatternError) -> any Pattern { Compiled(source: source) }
}
