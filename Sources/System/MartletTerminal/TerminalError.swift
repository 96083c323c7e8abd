/// Why a terminal cannot show a full screen.
public enum TerminalError: Error, Hashable, CustomStringConvertible {
    /// Standard input or standard output is a file or a pipe.
    case notATerminal(String)
    /// The system does not know what the variable TERM names.
    case unknownTerminal(String)
    /// The terminal that TERM names cannot move its cursor.
    case cannotMove(String)
    /// There is a screen already.
    case inUse
    /// The terminal refused.
    case failed

    /// What failed, and what to do.
    public var description: String {
        switch self {
        case .notATerminal(let name): "a full screen needs a terminal, and \(name) is none"
        case .unknownTerminal(let name):
            name.isEmpty
                ? "a full screen needs to know its terminal: set TERM, such as TERM=xterm-256color"
                : "the terminal \"\(name)\" of TERM is unknown here: install ncurses-term, or set TERM=xterm-256color"
        case .cannotMove(let name):
            "the terminal \"\(name)\" of TERM cannot move its cursor, which a full screen needs: set TERM=xterm-256color "
                + "where the terminal can"
        case .inUse: "there is a full screen already in this program"
        case .failed: "the terminal cannot be taken over: its settings or its size cannot be read"
        }
    }
}
