import Synchronization

/// The levels of a program's targets, which can be changed while it runs.
///
/// All loggers that stem from one ``LogPipeline`` share one of these.
public final class LogLevels: Sendable {
    /// How many targets get a level cell of their own; loggers of further ones follow the filter of the time they were made.
    static let cellsMax = 4096

    private struct State {
        var filter: LogFilter
        var cells: [String: LevelCell] = [:]
    }

    private let state: Mutex<State>

    /// Creates levels from a filter.
    public init(_ filter: LogFilter = LogFilter()) {
        state = Mutex(State(filter: filter))
    }

    /// The filter; setting it changes what every logger tells from the next call on.
    public var filter: LogFilter {
        get { state.withLock { $0.filter } }
        set {
            state.withLock { state in
                state.filter = newValue
                for (target, cell) in state.cells { cell.set(newValue.minimumLevel(of: target)) }
            }
        }
    }

    func cell(of target: String) -> LevelCell {
        state.withLock { state in
            if let cell = state.cells[target] { return cell }
            let cell = LevelCell(state.filter.minimumLevel(of: target))
            if state.cells.count < Self.cellsMax { state.cells[target] = cell }
            return cell
        }
    }
}
