/// What a screen shows: rows of cells, each with one character and its style.
///
/// Views draw into a grid without knowing a terminal; a ``TerminalScreen`` shows it. What would stand outside is cut.
public struct CellGrid: Hashable, Sendable {
    /// One place of the screen.
    public struct Cell: Hashable, Sendable {
        /// What stands there; `nil` for the right half of a wide character.
        public var character: Character?

        /// How it looks.
        public var style: CellStyle

        /// An empty cell.
        public static let empty = Cell(character: " ", style: .plain)
    }

    /// How many rows there are.
    public let rows: Int

    /// How many columns there are.
    public let columns: Int

    /// Where the cursor blinks, or `nil` where none is shown.
    public var cursor: (row: Int, column: Int)? {
        get { cursorPlace < 0 ? nil : (cursorPlace / max(1, columns), cursorPlace % max(1, columns)) }
        set {
            guard let newValue, newValue.row < rows else { return cursorPlace = -1 }
            cursorPlace = newValue.row * columns + min(newValue.column, columns - 1)
        }
    }

    private var cells: [Cell]
    private var cursorPlace = -1

    /// Makes an empty grid.
    ///
    /// - Parameters:
    ///   - rows: How many rows; 0 and more.
    ///   - columns: How many columns; 0 and more.
    public init(rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        cells = Array(repeating: .empty, count: self.rows * self.columns)
    }

    /// The cells of a row.
    public subscript(row: Int) -> ArraySlice<Cell> { cells[(row * columns)..<((row + 1) * columns)] }

    /// Writes a text, which ends at the width given or at the edge; a text that is cut ends in `…`.
    ///
    /// - Parameters:
    ///   - text: A text in one line; controls and marks that a terminal would obey are shown by number.
    ///   - row: The row from 0.
    ///   - column: The column from 0.
    ///   - width: How many columns it may take; `nil` for all up to the edge.
    ///   - style: How it looks.
    /// - Returns: The column behind the text.
    @discardableResult
    public mutating func write(
        _ text: String,
        row: Int,
        column: Int,
        width: Int? = nil,
        style: CellStyle = .plain
    ) -> Int {
        guard rows > row, row >= 0, column >= 0, column < columns else { return column }
        let end = min(columns, column + (width ?? columns))
        var column = column
        let shown = VisibleText.fitted(VisibleText.harmless(text), end - column)
        for character in shown {
            let width = VisibleText.width(of: character)
            guard column + width <= end, width > 0 else { continue }
            cells[row * columns + column] = Cell(character: character, style: style)
            if width == 2 { cells[row * columns + column + 1] = Cell(character: nil, style: style) }
            column += width
        }
        return column
    }

    /// Gives a whole row a look; colours of its cells stay where `style` has none.
    public mutating func highlight(row: Int, _ style: CellStyle) {
        guard rows > row, row >= 0 else { return }
        for place in (row * columns)..<((row + 1) * columns) {
            let color = style.color ?? cells[place].style.color
            cells[place].style = style
            cells[place].style.color = color
        }
    }

    /// The text of a row without the spaces at its end.
    public func text(row: Int) -> String {
        var text = String(self[row].compactMap(\.character))
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// The text of all rows, each without the spaces at its end.
    public var text: String { (0..<rows).map { text(row: $0) + "\n" }.joined() }

    /// The same for a terminal that shows ASCII alone: glyphs become what is most like them, letters of other scripts `?`.
    public var inASCII: CellGrid {
        var copy = self
        for place in copy.cells.indices {
            guard let character = copy.cells[place].character else {
                copy.cells[place].character = " "
                continue
            }
            if !character.isASCII { copy.cells[place].character = Self.replacements[character] ?? "?" }
        }
        return copy
    }

    private static let replacements: [Character: Character] = [
        "…": "~", "·": ".", "–": "-", "—": "-", "●": "*", "◐": "o", "○": "o", "✕": "x", "│": "|", "─": "-", "█": "#",
        "░": ".", "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "µ": "u", "↑": "^", "↓": "v",
        "←": "<", "→": ">", "▸": ">",
    ]
}
