import Dispatch
import MartletSeries
import Synchronization

/// When series are handed over to another thread.
enum HandingOver {
    /// How many series are handed over at a time.
    static let batchSize = 128

    /// From how many series on it is worth it.
    static let first = 1024
}

/// Makes the values of series and adds them to their groups; of many series on a thread of its own, while the next ones
/// are read.
final class GroupFolding<Fold: GroupFold>: Sendable {
    /// A series and the number of its group.
    typealias Member = (group: Int, series: Series)

    private struct State {
        var fold: Fold
        /// The place of each group in the fold, by its number; -1 where it has no value yet.
        var places: [Int] = []
        var order: [Int] = []
        var values: [Double]
    }

    private let stream: SeriesStream
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "martlet.query")
    /// At most two batches wait, so that no more series are in memory than that.
    private let room = DispatchSemaphore(value: 2)

    init(_ stream: SeriesStream, _ fold: Fold, steps: Int) {
        self.stream = stream
        state = Mutex(State(fold: fold, values: [Double](repeating: Column.absent, count: steps)))
    }

    /// How many groups have a value so far.
    var groupCount: Int { state.withLock { $0.order.count } }

    /// Adds a series to its group.
    func add(_ member: Member) {
        state.withLock { add(member, to: &$0) }
    }

    /// Adds series to their groups, later and elsewhere; waits where there is no room.
    func hand(over batch: [Member]) {
        room.wait()
        queue.async { [self] in
            state.withLock { state in
                for member in batch { add(member, to: &state) }
            }
            room.signal()
        }
    }

    /// Waits for what was handed over, and gives the groups' numbers in the order of their first members.
    func finish() -> (order: [Int], fold: Fold) {
        queue.sync {}
        return state.withLock { ($0.order, $0.fold) }
    }

    private func add(_ member: Member, to state: inout State) {
        guard stream.fill(member.series, into: &state.values) else { return }
        while state.places.count <= member.group { state.places.append(-1) }
        if state.places[member.group] < 0 {
            state.places[member.group] = state.order.count
            state.order.append(member.group)
            state.fold.open()
        }
        state.fold.add(state.values, to: state.places[member.group])
        state.values.clear()
    }
}

extension [Double] {
    /// Makes all values absent.
    fileprivate mutating func clear() {
        var values = mutableSpan
        for place in 0..<values.count { values[place] = Column.absent }
    }
}
