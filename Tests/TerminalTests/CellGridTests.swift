import MartletTerminal
import Testing

@Suite("CellGrid")
struct CellGridTests {
    @Test func `takes texts and cuts what stands outside`() {
        var grid = CellGrid(rows: 3, columns: 10)
        #expect(grid.write("left", row: 0, column: 0) == 4)
        #expect(grid.write("right side", row: 0, column: 6) == 10)
        #expect(grid.write("narrow", row: 1, column: 1, width: 4) == 5)
        #expect(grid.write("nowhere", row: 3, column: 0) == 0)
        #expect(grid.write("nowhere", row: 1, column: 10) == 10)
        #expect(grid.text == "left  rig…\n nar…\n\n")
    }

    @Test func `gives a wide character two cells, and none half a one`() {
        var grid = CellGrid(rows: 1, columns: 5)
        grid.write("日本語", row: 0, column: 0)
        #expect(grid.text(row: 0) == "日本…")
        #expect(grid[0].map(\.character) == ["日", nil, "本", nil, "…"])
    }

    @Test func `shows what others wrote harmlessly`() {
        var grid = CellGrid(rows: 1, columns: 40)
        grid.write("\u{1b}[2J\u{202e}x\n", row: 0, column: 0)
        #expect(grid.text(row: 0) == "\\u{1b}[2J\\u{202e}x\\n")
    }

    @Test func `highlights a row and keeps its colours`() {
        var grid = CellGrid(rows: 1, columns: 2)
        grid.write("a", row: 0, column: 0, style: CellStyle(.red))
        grid.highlight(row: 0, .chosen)
        grid.highlight(row: 1, .chosen)
        #expect(grid[0].map(\.style) == [CellStyle(.red, isReversed: true), CellStyle(isReversed: true)])
    }

    @Test func `knows where its cursor is`() {
        var grid = CellGrid(rows: 2, columns: 4)
        #expect(grid.cursor == nil)
        grid.cursor = (1, 9)
        #expect(grid.cursor?.row == 1)
        #expect(grid.cursor?.column == 3)
        grid.cursor = (2, 0)
        #expect(grid.cursor == nil)
        grid.cursor = (0, 1)
        grid.cursor = nil
        #expect(grid.cursor == nil)
        #expect(CellGrid(rows: -1, columns: 3).text.isEmpty)
    }

    @Test func `becomes ASCII where a terminal has no more`() {
        var grid = CellGrid(rows: 1, columns: 20)
        grid.write("● ✕ ◐ ▁█… ä日", row: 0, column: 0)
        #expect(grid.inASCII.text(row: 0) == "* x o _#~ ??")
    }
}
