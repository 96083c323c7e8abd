import MartletCore
public import MartletTerminal

extension LogBrowser {
    /// What is to be seen.
    ///
    /// The query stands in the first row, counts or what is wrong beneath it, and keys in the last one.
    ///
    /// - Parameters:
    ///   - rows: How many rows the screen has.
    ///   - columns: How many columns it has.
    /// - Returns: The whole screen.
    public mutating func draw(rows: Int, columns: Int) -> CellGrid {
        var grid = CellGrid(rows: rows, columns: columns)
        self.columns = columns
        drawQuery(&grid)
        drawCounts(&grid)
        listRows = max(1, rows - 4)
        switch view {
        case .list: isTable ? drawTable(&grid) : drawList(&grid)
        case .record: drawRecord(&grid)
        case .trace: drawText(&grid, "TRACE \(traceID)", traceLines.map { RecordDetails.Line(name: "", value: $0) })
        case .help: drawText(&grid, "KEYS", Self.helpLines(columns: columns))
        }
        drawFoot(&grid)
        return grid
    }

    private mutating func drawQuery(_ grid: inout CellGrid) {
        let chip = chip
        let chipColumn = grid.columns - VisibleText.width(chip.text)
        grid.write(chip.text, row: 0, column: max(0, chipColumn), style: chip.style)
        grid.write("/", row: 0, column: 0, style: isEditing ? .strong : .quiet)
        let width = max(1, chipColumn - 4)
        if isEditing {
            let window = editor.window(width)
            grid.write(window.text, row: 0, column: 2, width: width, style: .strong)
            grid.cursor = (0, 2 + window.cursor)
        } else if query.isEmpty {
            grid.write("all records; press / to search", row: 0, column: 2, width: width, style: .quiet)
        } else {
            grid.write(query, row: 0, column: 2, width: width, style: .strong)
        }
    }

    private var chip: (text: String, style: CellStyle) {
        if awaited != nil, page == nil { return ("searching", .quiet) }
        return switch following {
        case .off: ("", .plain)
        case .live: ("● LIVE", CellStyle(.green, isBold: true))
        case .paused(let waiting): ("◐ PAUSED +\(Self.grouped(waiting))", CellStyle(.yellow, isBold: true))
        }
    }

    private func drawCounts(_ grid: inout CellGrid) {
        if let problem { return drawProblem(problem, &grid) }
        guard let page else { return }
        var parts = [Self.grouped(page.matched) + " found"]
        if isTable {
            parts = ["\(Self.grouped(page.matched)) counted", "\(Self.grouped(count)) rows"]
        } else if cursors.count > 1 {
            parts.append("page \(cursors.count)")
        }
        if !page.isComplete { parts.append("incomplete") }
        let end = grid.write(parts.joined(separator: " · "), row: 1, column: 2)
        if let note = page.notes.first {
            grid.write(note, row: 1, column: end + 3, style: CellStyle(.yellow))
        } else {
            drawBars(page, from: end + 3, &grid)
        }
    }

    private func drawProblem(_ problem: LogProblem, _ grid: inout CellGrid) {
        let style = CellStyle(.red)
        guard let column = problem.column, isEditing else {
            let more = problem.isTemporary ? "; trying again" : ""
            grid.write("✕ \(problem.message)\(more)", row: 1, column: 2, style: style)
            return
        }
        let place = 2 + column - 1 - editor.window(max(1, grid.columns - 4)).first
        let text = "↑ \(problem.message)"
        // The arrow stays beneath its character as long as the words behind it can be read.
        let latest = max(2, grid.columns - VisibleText.width(text))
        grid.write(text, row: 1, column: max(2, min(place, latest)), style: style)
    }

    private func drawBars(_ page: LogPage, from column: Int, _ grid: inout CellGrid) {
        let room = grid.columns - column
        guard page.bars.count > 1, room > 40 else { return }
        let caption = RecordTime.span(
            page.barsStart,
            through: page.barsStart + Int64(page.bars.count - 1) * page.barStep
        )
        let columns = min(60, room - caption.count - 24)
        let (bars, greatest) = CountBars.text(page.bars, columns: columns)
        let place = grid.write(bars, row: 1, column: column, style: CellStyle(.blue))
        let merged = Int64((page.bars.count + bars.count - 1) / max(1, bars.count))
        let length = DurationText.string(milliseconds: page.barStep * merged / 1_000_000)
        let most = ", at most \(Self.grouped(greatest)) in \(length)"
        grid.write(" \(caption)\(most)", row: 1, column: place, style: .quiet)
    }

    private mutating func drawList(_ grid: inout CellGrid) {
        let layout = LogColumns(records, columns: grid.columns)
        layout.drawHeader(row: 2, &grid)
        guard !records.isEmpty else {
            if awaited == nil, problem == nil {
                grid.write("nothing found; press / to change the search", row: 4, column: 2, style: .quiet)
            }
            return
        }
        keepChosenInSight()
        for row in 0..<listRows where top + row < records.count {
            layout.draw(records[top + row], row: 3 + row, &grid)
            if top + row == chosen { grid.highlight(row: 3 + row, .chosen) }
        }
    }

    private mutating func drawTable(_ grid: inout CellGrid) {
        let table = page?.table ?? []
        let shown = table.indices.map { row in table[row].map(VisibleText.harmless) }
        let widths = (shown.first ?? []).indices.map { column in
            min(
                60,
                shown.prefix(500).map { $0.indices.contains(column) ? VisibleText.width($0[column]) : 0 }.max() ?? 0
            )
        }
        func draw(_ cells: [String], _ row: Int, _ style: CellStyle) {
            var column = 0
            for (cell, width) in zip(cells, widths) {
                grid.write(cell, row: row, column: column, width: width, style: style)
                column += width + 2
            }
        }
        draw((shown.first ?? []).map { $0.uppercased() }, 2, .quiet)
        keepChosenInSight()
        for row in 0..<listRows where top + row < count {
            draw(shown[top + row + 1], 3 + row, .plain)
            if top + row == chosen { grid.highlight(row: 3 + row, .chosen) }
        }
    }

    private mutating func keepChosenInSight() {
        chosen = max(0, min(chosen, count - 1))
        top = min(max(top, chosen - listRows + 1), chosen)
        top = max(0, min(top, count - listRows))
    }

    private mutating func drawRecord(_ grid: inout CellGrid) {
        guard records.indices.contains(chosen) else {
            view = .list
            return drawList(&grid)
        }
        let record = records[chosen]
        if details.id != record.id || details.columns != grid.columns {
            details = (record.id, grid.columns, RecordDetails.lines(record, columns: grid.columns))
        }
        drawText(&grid, "RECORD \(chosen + 1) OF \(records.count)", details.lines)
    }

    private mutating func drawText(_ grid: inout CellGrid, _ title: String, _ lines: [RecordDetails.Line]) {
        scrolled = max(0, min(scrolled, lines.count - listRows))
        let below = lines.count - scrolled - listRows
        grid.write(title, row: 2, column: 0, style: .quiet)
        if below > 0 {
            let more = "\(below) line\(below == 1 ? "" : "s") below"
            grid.write(more, row: 2, column: max(0, grid.columns - more.count), style: .quiet)
        }
        for (row, line) in lines.dropFirst(scrolled).prefix(listRows).enumerated() {
            let column = line.name.isEmpty ? 0 : grid.write(line.name, row: 3 + row, column: 0, style: .quiet) + 2
            grid.write(line.value, row: 3 + row, column: column)
        }
    }

    private func drawFoot(_ grid: inout CellGrid) {
        let row = grid.rows - 1
        if let fileEditor {
            let start = grid.write("append as a JSON line to: ", row: row, column: 0, style: .quiet)
            let window = fileEditor.window(grid.columns - start)
            grid.write(window.text, row: row, column: start)
            grid.cursor = (row, start + window.cursor)
        } else if !message.isEmpty {
            grid.write(message, row: row, column: 0)
        } else {
            grid.write(Self.joined(keys, columns: grid.columns), row: row, column: 0, style: .quiet)
        }
    }

    private var keys: [String] {
        if isEditing { return ["Enter search", "↑↓ earlier searches", "Ctrl-U clear", "Esc cancel"] }
        return switch view {
        case .list:
            ["/ search", "Enter fields", "t trace", "f follow", "n older", "p newer", "c copy", "? help", "q quit"]
        case .record: ["←→ other records", "↑↓ scroll", "t trace", "c copy", "? help", "Esc back"]
        case .trace, .help: ["↑↓ scroll", "Esc back"]
        }
    }

    /// Keys in one line; where they are too many the last two stay, which tell the others and the way out.
    private static func joined(_ keys: [String], columns: Int) -> String {
        var keys = keys
        func text() -> String { keys.joined(separator: "  ") }
        while keys.count > 2, VisibleText.width(text()) > columns { keys.remove(at: keys.count - 3) }
        return text()
    }

    private static let help: [(name: String, text: String)] = [
        ("/", "edit the search; Enter runs it, Esc leaves it, ↑ ↓ bring earlier ones back"),
        ("↑ ↓ k j", "choose a record"),
        ("PgUp PgDn", "a screen up or down; beyond the end lies the next page"),
        ("Home End g G", "the first or last record of the page"),
        ("Enter", "all fields of the record; ← → the neighbours, Esc back"),
        ("n p", "the page of older or newer records"),
        ("f", "follow what arrives: LIVE; moving down pauses, Home goes on, f ends it"),
        ("t", "the trace of the record, with the records of its spans"),
        ("c", "append the record as a JSON line to a file"),
        ("r", "search again"),
        ("?", "this help"),
        ("q Ctrl-C", "quit"),
        ("", ""),
        ("refused", "a word; \"connection refused\" a phrase; conn* a beginning; /took \\d+ ms/ an expression"),
        ("service:shop", "a field; level:>=warn, status:500..599, duration:>200ms, @user.id:42, trace:ID"),
        ("-refused", "not; a OR b, (a b) group"),
        ("| count by", "(service, level); | top 10 user; | histogram 1m; | patterns"),
    ]

    private static func helpLines(columns: Int) -> [RecordDetails.Line] {
        help.flatMap { line in
            let parts = VisibleText.wrapped(line.text, columns - 14)
            return parts.enumerated().map { place, part in
                RecordDetails.Line(name: VisibleText.padded(place == 0 ? line.name : "", 12), value: part)
            }
        }
    }

    /// A number with its digits in threes.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
