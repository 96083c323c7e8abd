import MartletCore
import MartletSeries

/// What delta series have come to so far: the sums that the next deltas are added to.
///
/// The store itself is the memory that survives: a series that is not known here, after a restart or because others
/// took its place, goes on from the newest sample the store has of it. So what was acknowledged and what is added to
/// it can never disagree, and nothing is written beside the log.
struct DeltaSums {
    /// What a series came to, and when.
    struct Sum {
        /// The sum; the sum of the observations where there is a histogram.
        var value: Double

        /// The histogram so far.
        var histogram: NativeHistogram?

        /// The time of the newest delta, in nanoseconds since the epoch.
        var nanoseconds: UInt64

        /// The time of the sample that was written last, in milliseconds since the epoch.
        var milliseconds: Int64
    }

    /// What became of a delta.
    enum Outcome {
        /// The series stands here now.
        case sum(Sum, isNew: Bool)
        /// It was counted before.
        case repeated
        /// It is older than what was counted.
        case outOfOrder
    }

    /// Two hashes of the label bytes with the process' random seed: what one of them confuses the other tells apart.
    struct Key: Hashable {
        let first: Int
        let second: Int

        init(_ bytes: ArraySlice<UInt8>) {
            var (first, second) = (Hasher(), Hasher())
            first.combine(0)
            second.combine(1)
            unsafe bytes.withUnsafeBytes {
                unsafe first.combine(bytes: $0)
                unsafe second.combine(bytes: $0)
            }
            (self.first, self.second) = (first.finalize(), second.finalize())
        }
    }

    /// How often a series was read from the store.
    private(set) var loads = 0

    /// How many series were forgotten to make room.
    private(set) var evictions = 0

    /// How many series are remembered.
    var count: Int { young.count + old.count }

    private var young: [Key: Sum] = [:]
    private var old: [Key: Sum] = [:]
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = max(2, countMax)
    }

    /// What a series came to, where it is remembered; it counts as used.
    mutating func sum(of key: Key) -> Sum? {
        if let sum = young[key] { return sum }
        guard let sum = old.removeValue(forKey: key) else { return nil }
        remember(sum, of: key)
        return sum
    }

    /// Remembers what a series came to; the half that was used least lately gives way.
    mutating func remember(_ sum: Sum, of key: Key) {
        young[key] = sum
        guard young.count > countMax / 2 else { return }
        evictions += old.count
        old = young
        young = [:]
    }

    /// Forgets a series, so that the store is asked again.
    mutating func forget(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    /// Counts that a series was read from the store.
    mutating func countLoad() {
        loads += 1
    }
}
