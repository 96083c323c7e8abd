import MartletCore
@testable import MartletDashboard
import MartletTerminal
import Testing

@Suite("LogPage")
struct LogPageTests {
    private static let minute: Int64 = 60_000_000_000

    /// 2026-11-21T19:01:00Z.
    private static let start: Int64 = 1_795_287_660_000_000_000

    private func bars(_ counts: [(minute: Int64, count: Int)], step: Int64 = minute) throws -> String {
        let bars = counts.map { "{\"start\":\"\(Self.start + $0.minute * Self.minute)\",\"count\":\($0.count)}" }
        return ",\"stepNanoseconds\":\"\(step)\",\"histogram\":[\(bars.joined(separator: ","))]"
    }

    @Test func `fills the gaps between bars`() throws {
        let page = try LogBrowserTests.page([1], more: try bars([(0, 3), (3, 1), (1, 2)]))
        #expect(page.bars == [3, 2, 0, 1])
        #expect(page.barsStart == Self.start)
        #expect(page.barStep == Self.minute)
    }

    @Test func `adds up bars where there are very many`() throws {
        let page = try LogBrowserTests.page([1], more: try bars([(0, 1), (1, 1), (1_000_000, 5)]))
        #expect(page.bars.count <= LogPage.barsMax)
        #expect(page.bars.first == 2)
        #expect(page.bars.last == 5)
    }

    @Test(arguments: [
        ",\"stepNanoseconds\":\"0\",\"histogram\":[{\"start\":\"1\",\"count\":1}]",
        ",\"stepNanoseconds\":\"x\",\"histogram\":[{\"start\":\"y\"}]",
        ",\"stepNanoseconds\":\"1\",\"histogram\":[{\"start\":\"-9223372036854775808\"},{\"start\":\"9223372036854775807\"}]",
    ])
    func `passes over bars that make no sense`(more: String) throws {
        #expect(try LogBrowserTests.page([1], more: more).bars.isEmpty)
    }

    @Test func `counts what arrives`() throws {
        var page = try LogBrowserTests.page([1], more: try bars([(0, 1)]))
        func line(_ time: Int64) throws -> LogLine {
            LogLine(try JSONParser.parse(Array("{\"id\":\"\(time)\",\"time\":\"\(time)\"}".utf8)))
        }
        let late = Self.start + 10_000 * Self.minute
        page.take(
            [try line(Self.start - 1), try line(Self.start + 2 * Self.minute), try line(late)],
            keeping: 3
        )
        #expect(page.bars == [1, 0, 1])
        #expect(page.matched == 4)
        #expect(page.records.map(\.id) == ["\(late)", "\(Self.start + 2 * Self.minute)", "\(Self.start - 1)"])
        #expect(page.cursor == "\(Self.start - 1)")
    }

    @Test func `the bars tell from when through when, and what the highest stands for`() throws {
        var browser = try LogBrowserTests.browser([1], more: try bars([(0, 1), (1, 1200), (2, 0), (3, 600)]))
        #expect(browser.draw(rows: 6, columns: 80).text(row: 1) == "  1 found   ▁█ ▄ 19:01–19:04, at most 1,200 in 1m")
        browser = try LogBrowserTests.browser([1], more: try bars([(0, 1), (1440, 2)]))
        let row = browser.draw(rows: 6, columns: 120).text(row: 1)
        #expect(row.hasSuffix("█ 11-21 19:01–11-22 19:01, at most 2 in 25m"))
        #expect(browser.draw(rows: 6, columns: 40).text(row: 1) == "  1 found")
    }

    @Test func `notes and what is incomplete are told`() throws {
        var browser = LogBrowser()
        _ = browser.start()
        let json = "{\"records\":[],\"matched\":5,\"complete\":false,\"notes\":[\"block 7 is damaged\"]}"
        _ = browser.take(.page(number: 1, try LogBrowserTests.page(json)))
        #expect(browser.draw(rows: 8, columns: 80).text(row: 1) == "  5 found · incomplete   block 7 is damaged")
        #expect(browser.draw(rows: 8, columns: 80).text(row: 4) == "  nothing found; press / to change the search")
    }
}
