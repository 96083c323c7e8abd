import MartletCore
import MartletFiles
import MartletSeries

/// Puts the records of one log file into the head.
struct LogReplay {
    /// A number of a series above this is taken for damage.
    private static let numberMax = 1 << 26

    /// How many samples were kept; the others are too old.
    private(set) var kept = 0

    /// Records with samples of series whose labels were lost.
    private(set) var orphanRecords = 0

    /// The exemplars in the file.
    private(set) var exemplars: [(labels: LabelSet, exemplar: ExemplarSample)] = []

    private let oldestTime: Int64
    private var slots: [UInt32] = []
    private var column = UInt32.max

    init(oldestTime: Int64) {
        self.oldestTime = oldestTime
    }

    /// Reads a whole file.
    ///
    /// - Returns: How many stretches were damaged.
    mutating func run(_ file: Span<UInt8>, sequence: UInt64, salt: UInt32, into head: inout Head) -> Int {
        LogCodec.read(file, sequence: sequence, salt: salt) { tag, payload in
            switch LogRecordType(rawValue: tag[0]) {
            case nil: return false
            case .oldSeries:
                return LogCodec.readOldSeries(payload) { number, labels in
                    register(number, LabelBytes.encode(labels), &head)
                }
            case .series: return LogCodec.readSeries(payload) { register($0, $1, &head) }
            case .oldSamples:
                var found = true
                let isWhole = LogCodec.readOldSamples(payload) { found = put($0, $1, $2, &head) && found }
                return finish(isWhole, found)
            case .samples:
                var found = true
                let isWhole = LogCodec.readSamples(payload) { found = put($0, $1, $2, &head) && found }
                return finish(isWhole, found)
            case .histograms:
                var found = true
                let isWhole = LogCodec.readHistograms(payload) { number, timestamp, histogram in
                    found = put(number, timestamp, histogram.sum, &head, histogram) && found
                }
                return finish(isWhole, found)
            case .exemplars: return LogCodec.readExemplars(payload) { exemplars.append(($1, $0)) }
            }
        }
    }

    private mutating func finish(_ isWhole: Bool, _ found: Bool) -> Bool {
        if !found { orphanRecords += 1 }
        return isWhole
    }

    private mutating func register(_ number: Int, _ labels: [UInt8], _ head: inout Head) {
        guard number <= Self.numberMax, let slot = head.restore(labels.span) else { return }
        while slots.count <= number { slots.append(.max) }
        slots[number] = UInt32(slot)
    }

    /// Puts a sample into the head; `false` where its series is not known.
    @inline(__always)
    private mutating func put(
        _ number: Int,
        _ timestamp: Int64,
        _ value: Double,
        _ head: inout Head,
        _ histogram: NativeHistogram? = nil
    ) -> Bool {
        guard timestamp >= oldestTime else { return true }
        guard number < slots.count, slots[number] != .max else { return false }
        // The log has only what was accepted; what is there already came from an earlier file.
        _ = head.store(timestamp, value, histogram, Int(slots[number]), window: .max, column: &column)
        kept += 1
        return true
    }
}
