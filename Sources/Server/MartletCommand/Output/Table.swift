import MartletTerminal

/// Rows of text in aligned columns.
///
/// What a terminal would obey is told by number, so that no cell forges a row or moves the screen.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: [String]) {
        self.header = header.map(VisibleText.harmless)
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells.map(VisibleText.harmless))
    }

    /// The rows with their columns aligned, two spaces apart, no spaces at line ends.
    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { VisibleText.width($0[column]) }.max() ?? 0 }
        return all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                line += column < cells.count - 1 ? VisibleText.padded(cell, widths[column]) + "  " : cell
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
