import MartletTerminal
import Testing

@Suite("CountBars")
struct CountBarsTests {
    @Test func `begin at zero and leave empty what is none`() {
        #expect(CountBars.text([0, 1, 4, 8], columns: 10) == ("  ▁▄█".dropFirst().description, 8))
        #expect(CountBars.text([], columns: 10) == ("", 0))
        #expect(CountBars.text([3], columns: 0) == ("", 0))
    }

    @Test func `add up neighbours where there are more than columns`() {
        #expect(CountBars.text([1, 1, 4, 4], columns: 2) == ("▂█", 8))
        #expect(CountBars.text([0, 0, 0], columns: 1) == (" ", 0))
    }
}
