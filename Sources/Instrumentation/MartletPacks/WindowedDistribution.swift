#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How values were distributed lately: counts by size in slots of time, the oldest of which are given up.
///
/// A quantile is within half a percent of the value of its rank. Memory is bounded by the number of slots and by the sizes
/// that are told apart in each, at most 5,300 from a millionth to 10^17; in practice a slot holds a few dozen.
struct WindowedDistribution: Sendable {
    private struct Slot {
        var start: Double
        var counts: [Int32: UInt32] = [:]
        var count = 0
        var failures = 0
        var sum = 0.0
    }

    /// How long a slot is and how many there are: an hour in all.
    static let slotSeconds = 10.0
    static let slotsMax = 360

    /// The factor between neighbouring sizes.
    private static let factor = 1.01
    private static let scale = 1 / log(factor)

    private var slots: [Slot] = []

    /// Adds a value at a time in seconds, which does not go back.
    mutating func add(_ value: Double, isFailure: Bool, at time: Double) {
        let start = (time / WindowedDistribution.slotSeconds).rounded(.down) * WindowedDistribution.slotSeconds
        if slots.last.map({ $0.start < start }) ?? true {
            slots.append(Slot(start: start))
            if slots.count > WindowedDistribution.slotsMax { slots.removeFirst() }
        }
        let size = min(max(value, 1e-6), 1e17)
        let index = Int32((log(size) * WindowedDistribution.scale).rounded(.up))
        let last = slots.count - 1
        slots[last].counts[index, default: 0] += 1
        slots[last].count += 1
        slots[last].sum += value
        if isFailure { slots[last].failures += 1 }
    }

    /// What the slots of a window hold together.
    struct Summary {
        var counts: [Int32: Int] = [:]
        var count = 0
        var failures = 0
        var sum = 0.0

        /// The value of a share's rank; `nil` where there is none.
        func quantile(_ share: Double) -> Double? {
            guard count > 0 else { return nil }
            let rank = max(1, Int((share * Double(count)).rounded(.up)))
            var seen = 0
            for (index, count) in counts.sorted(by: { $0.key < $1.key }) {
                seen += count
                // The middle of the bucket, by which the error is the same on both sides.
                if seen >= rank {
                    return 2 * pow(WindowedDistribution.factor, Double(index)) / (1 + WindowedDistribution.factor)
                }
            }
            return nil
        }
    }

    /// Adds what the last seconds before a time hold to a summary; a slot counts that ends within them.
    func add(to summary: inout Summary, seconds: Double, before time: Double) {
        for slot in slots.reversed() {
            guard slot.start + WindowedDistribution.slotSeconds > time - seconds else { break }
            for (index, count) in slot.counts { summary.counts[index, default: 0] += Int(count) }
            summary.count += slot.count
            summary.failures += slot.failures
            summary.sum += slot.sum
        }
    }
}
