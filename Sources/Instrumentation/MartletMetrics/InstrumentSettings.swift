import MartletCore
import Synchronization

/// What a registry gives each of its metrics.
struct InstrumentSettings: Sendable {
    var control: UInt32
    var constantLabels: LabelSet
    var seriesLimit: Int
    var budget: SeriesBudget
    var clock: any WallClock
}

/// How many series a registry may still get.
final class SeriesBudget: Sendable {
    private let left: Atomic<Int>

    init(limit: Int) {
        left = Atomic(limit)
    }

    /// Takes one; false where none is left.
    func take() -> Bool {
        var now = left.load(ordering: .relaxed)
        while now > 0 {
            let (isDone, current) = left.compareExchange(expected: now, desired: now - 1, ordering: .relaxed)
            if isDone { return true }
            now = current
        }
        return false
    }

    func giveBack(_ count: Int) {
        left.add(count, ordering: .relaxed)
    }
}
