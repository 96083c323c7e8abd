import MartletTerminal

/// Where the columns of a list of records stand.
///
/// What gives way as the screen gets narrower, in this order: the day, the component, the level's word.
struct LogColumns {
    private let showsDay: Bool
    private let time: Int
    private let level: Int
    private let component: Int
    private let message: Int

    init(_ records: [LogLine], columns: Int) {
        let days = Set(records.lazy.map(\.day))
        showsDay = days.count > 1 && columns >= 70
        time = showsDay ? 18 : 12
        level = columns >= 50 ? 10 : 1
        let longest = records.lazy.map { VisibleText.width($0.component) }.max() ?? 0
        let most = columns >= 120 ? 28 : 16
        component = columns >= 60 && longest > 0 ? max(9, min(longest, most)) : 0
        message = time + 2 + level + 2 + (component > 0 ? component + 2 : 0)
    }

    func drawHeader(row: Int, _ grid: inout CellGrid) {
        grid.write("TIME (UTC)", row: row, column: 0, width: time, style: .quiet)
        if level > 1 { grid.write("LEVEL", row: row, column: time + 2, width: level, style: .quiet) }
        if component > 0 {
            grid.write("COMPONENT", row: row, column: time + 4 + level, width: component, style: .quiet)
        }
        grid.write("MESSAGE", row: row, column: message, style: .quiet)
    }

    func draw(_ record: LogLine, row: Int, _ grid: inout CellGrid) {
        let look = LogLevelLook(record.level)
        let moment = showsDay ? record.day.dropFirst(5) + " " + record.timeOfDay : record.timeOfDay[...]
        grid.write(String(moment), row: row, column: 0, width: time, style: .quiet)
        let word = level > 1 ? "\(look.glyph) \(record.level)" : look.glyph
        grid.write(word, row: row, column: time + 2, width: level, style: look.style)
        if component > 0 {
            grid.write(record.component, row: row, column: time + 4 + level, width: component)
        }
        let end = grid.write(record.summary, row: row, column: message, style: look.style.isBold ? .strong : .plain)
        if !record.attributes.isEmpty, end + 6 < grid.columns {
            grid.write(record.attributes, row: row, column: end + 2, style: .quiet)
        }
    }
}
