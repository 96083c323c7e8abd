import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch
import MartletSeries
import Synchronization
import Testing

@Suite("Limits of log searches")
struct SearchLimitTests {
    private func request(_ texts: [String]) -> LogsRequest {
        let entries = texts.enumerated().map {
            LogEntry(time: 1_700_000_000_000_000_000 + UInt64($0), severity: 9, body: .string($1))
        }
        return LogsRequest(resourceLogs: [ResourceLogs(scopeLogs: [ScopeLogs(entries: entries)])])
    }

    /// A regular expression that appends to the store whenever it is asked, and waits until that is done.
    private struct Nosy: PatternCompiler, Pattern {
        let source = "nosy"
        let append: @Sendable () -> Bool

        func compile(_ source: String) throws(PatternError) -> any Pattern { self }
        func matches(_ text: String) -> Bool { append() }
        func expand(_ template: String, in text: String) -> String? { nil }
        func replaceAll(in text: String, with template: String) -> String { text }
    }

    private final class Holder: Sendable {
        let store = Mutex<LogStore?>(nil)
    }

    @Test func `no writer waits for a regular expression`() throws {
        let directory = TemporaryDirectory()
        let holder = Holder()
        let wire = request(["meanwhile"]).encoded()
        let nosy = Nosy {
            let done = DispatchSemaphore(value: 0)
            let thread = Thread {
                let store = holder.store.withLock { $0 }
                if (try? store?.append(wire: wire)) != nil { done.signal() }
            }
            thread.start()
            return done.wait(timeout: .now() + 60) == .success
        }
        let store = try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: nosy,
            codec: ZstandardCodec()
        )
        holder.store.withLock { $0 = store }
        _ = try store.append(request(["one", "two", "three"]))
        let answer = try store.search("/./")
        #expect(answer.matched == 3, "records that came during the search are not in its answer")
        #expect(store.nextSequence == 6)
        #expect(try store.search("/./ two").matched == 1)
        holder.store.withLock { $0 = nil }
        try store.close()
    }

    @Test func `a search over everything ends where it has read too much, and says so`() throws {
        let directory = TemporaryDirectory()
        let store = try LogStore(
            EventConfiguration(directory: directory.path),
            patterns: RE2Patterns(),
            codec: ZstandardCodec()
        )
        for _ in 0..<3 {
            _ = try store.append(request((0..<1000).map { "a longer text with number \($0)" }))
            try store.sealAll()
        }
        var query = LogQuery(try SearchExpression(parsing: "/number/"))
        query.limit = 5000
        query.bytesMax = store.statistics.blockBytes / 2
        let answer = try store.search(query)
        #expect(answer.matched < 3000)
        #expect(!answer.isComplete)
        #expect(
            answer.notes == [
                "the search was ended after reading \(query.bytesMax) bytes; narrow it by time or by words to see all"
            ]
        )
        query.bytesMax = 1 << 30
        let whole = try store.search(query)
        #expect(whole.matched == 3000)
        #expect(whole.isComplete)
        #expect(whole.notes == [])
        query.timeLimit = .zero
        let late = try store.search(query)
        #expect(!late.isComplete)
        #expect(late.notes.first?.contains("ended after 0 ms") == true)
        try store.close()
    }
}
