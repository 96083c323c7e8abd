import CNcurses

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The whole terminal: shows grids of cells and tells of keys.
///
/// One thread uses it. The terminal gets its lines, cursor and modes back when the screen is closed, when a signal ends the
/// program, when it stops for a while (SIGTSTP), and when it crashes.
public final class TerminalScreen {
    /// How many rows the terminal has.
    public private(set) var rows = 0

    /// How many columns it has.
    public private(set) var columns = 0

    private var shown: CellGrid?
    private var isOpen = true

    /// Takes over a terminal.
    ///
    /// - Parameters:
    ///   - terminal: The terminal's name, as TERM tells it.
    ///   - usesColor: Whether colours may be used where the terminal has some.
    ///   - input: The descriptor that keys come from.
    ///   - output: The descriptor that shows.
    /// - Throws: ``TerminalError`` when there is no terminal, or none that can show a full screen.
    public init(
        terminal: String,
        usesColor: Bool = true,
        input: Int32 = 0,
        output: Int32 = 1
    ) throws(TerminalError) {
        guard isatty(output) == 1 else { throw .notATerminal("standard output") }
        guard isatty(input) == 1 else { throw .notATerminal("standard input") }
        // Safety: the name is read during the call.
        let status = unsafe martlet_screen_open(terminal, input, output, usesColor)
        switch Int(status) {
        case MARTLET_SCREEN_OPEN: break
        case MARTLET_SCREEN_UNKNOWN_TERMINAL: throw .unknownTerminal(terminal)
        case MARTLET_SCREEN_CANNOT_MOVE: throw .cannotMove(terminal)
        case MARTLET_SCREEN_IN_USE: throw .inUse
        default: throw .failed
        }
        readSize()
    }

    deinit {
        if isOpen { martlet_screen_close() }
    }

    /// Gives the terminal back; the screen shows nothing from now on.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        martlet_screen_close()
    }

    /// Gives the terminal back and lets a signal end the program, as if it had never been caught.
    public func end(by signal: Int32) {
        isOpen = false
        martlet_screen_die(signal)
    }

    /// Whether the terminal's locale has more than ASCII.
    public var isUnicode: Bool { martlet_screen_is_unicode() }

    /// Whether the terminal shows colours and may.
    public var hasColor: Bool { martlet_screen_has_color() }

    /// Shows a grid; only what changed is sent.
    public func show(_ grid: CellGrid) {
        guard isOpen else { return }
        let grid = isUnicode ? grid : grid.inASCII
        let before = shown?.rows == grid.rows && shown?.columns == grid.columns ? shown : nil
        for row in 0..<min(grid.rows, rows) where before.map({ $0[row] != grid[row] }) ?? true {
            show(grid[row], row: row)
        }
        if let cursor = grid.cursor {
            martlet_screen_cursor(Int32(cursor.row), Int32(cursor.column))
        } else {
            martlet_screen_cursor(-1, 0)
        }
        martlet_screen_update(shown == nil)
        shown = grid
    }

    /// Waits for what happens next.
    ///
    /// - Parameter milliseconds: How long to wait at most.
    /// - Returns: What happened, or ``ScreenEvent/timedOut``.
    public func nextEvent(within milliseconds: Int32) -> ScreenEvent {
        guard isOpen else { return .ended(signal: SIGHUP) }
        if let key = nextKey() { return .key(key) }
        let what = Int(martlet_screen_wait(milliseconds))
        if what & MARTLET_WAIT_NOTICE != 0, let event = nextNotice() { return event }
        if what & MARTLET_WAIT_INPUT != 0, let key = nextKey() { return .key(key) }
        // A terminal that is gone has no more keys, but is readable for ever.
        if what & MARTLET_WAIT_GONE != 0 { return .ended(signal: SIGHUP) }
        return .timedOut
    }

    private func nextNotice() -> ScreenEvent? {
        switch martlet_screen_notice() {
        case -1: return nil
        case 0: return .woken
        case SIGWINCH:
            readSize()
            shown = nil
            return .resized
        case SIGTSTP:
            martlet_screen_suspend()
            readSize()
            shown = nil
            return .resized
        case let signal: return .ended(signal: signal)
        }
    }

    private func nextKey() -> KeyPress? {
        var scalar: UInt32 = 0
        // Safety: the one number is written during the call.
        let kind = unsafe martlet_screen_key(&scalar)
        switch Int(kind) {
        case MARTLET_KEY_NONE: return nil
        case MARTLET_KEY_CHARACTER: return KeyPress(scalar: scalar)
        case MARTLET_KEY_UP: return .up
        case MARTLET_KEY_DOWN: return .down
        case MARTLET_KEY_LEFT: return .left
        case MARTLET_KEY_RIGHT: return .right
        case MARTLET_KEY_HOME: return .home
        case MARTLET_KEY_END: return .end
        case MARTLET_KEY_PAGE_UP: return .pageUp
        case MARTLET_KEY_PAGE_DOWN: return .pageDown
        case MARTLET_KEY_BACKSPACE: return .backspace
        case MARTLET_KEY_DELETE: return .delete
        case MARTLET_KEY_ENTER: return .enter
        case MARTLET_KEY_BACK_TAB: return .backTab
        default: return .other
        }
    }

    private func readSize() {
        var (rows, columns): (Int32, Int32) = (0, 0)
        // Safety: the two numbers are written during the call.
        unsafe martlet_screen_size(&rows, &columns)
        (self.rows, self.columns) = (Int(rows), Int(columns))
    }

    private func show(_ cells: ArraySlice<CellGrid.Cell>, row: Int) {
        for (column, cell) in cells.enumerated() where column < columns {
            guard let character = cell.character else { continue }
            let scalars = character.unicodeScalars.prefix(5).map(\.value)
            let style =
                (cell.style.isBold ? MARTLET_STYLE_BOLD : 0) | (cell.style.isDim ? MARTLET_STYLE_DIM : 0)
                | (cell.style.isReversed ? MARTLET_STYLE_REVERSE : 0)
                | (cell.style.isUnderlined ? MARTLET_STYLE_UNDERLINE : 0)
            // Safety: the scalars are read during the call.
            unsafe martlet_screen_put(
                Int32(row),
                Int32(column),
                scalars,
                scalars.count,
                Int32(style),
                cell.style.color?.rawValue ?? -1
            )
        }
    }
}
