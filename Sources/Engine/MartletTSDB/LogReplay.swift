import MartletCore
import MartletSeries

/// Puts the records of one log file into the head.
struct LogReplay {
    /// A number of a series above this is taken for damage.
    private static let numberMax = 1 << 26

    /// How many samples were kept; the others are in segments already, or too old.
    private(set) var kept = 0

    /// The newest time in the file.
    private(set) var maxTime = Int64.min

    /// Records with samples of series whose labels were lost.
    private(set) var orphanRecords = 0

    private let sequence: UInt64
    private let oldestTime: Int64
    private var labels: [LabelSet?] = []
    private var slots: [Int32] = []

    init(sequence: UInt64, oldestTime: Int64) {
        (self.sequence, self.oldestTime) = (sequence, oldestTime)
    }

    /// Reads a whole file.
    ///
    /// - Returns: How many stretches were damaged.
    mutating func run(_ file: Span<UInt8>, salt: UInt32, into head: inout Head) -> Int {
        let covering = head.segments.filter { $0.logSequence > sequence }
        return LogReader.read(file, sequence: sequence, salt: salt) { type, payload in
            switch type {
            case .series:
                return LogCodec.readSeries(payload) { number, labels in register(number, labels) }
            case .samples:
                var hasOrphans = false
                let isWhole = LogCodec.readSamples(payload) { number, timestamp, value in
                    maxTime = max(maxTime, timestamp)
                    guard timestamp >= oldestTime else { return }
                    for segment in covering where segment.covers(timestamp, logSequence: sequence) { return }
                    guard let slot = slot(number, timestamp, &head) else {
                        hasOrphans = true
                        return
                    }
                    // The log has only what was accepted; what is there already came from an earlier file.
                    _ = head.store(timestamp, value, slot, window: .max)
                    kept += 1
                }
                if hasOrphans { orphanRecords += 1 }
                return isWhole
            }
        }
    }

    private mutating func register(_ number: Int, _ set: LabelSet) {
        guard number <= Self.numberMax else { return }
        while labels.count <= number {
            labels.append(nil)
            slots.append(-1)
        }
        labels[number] = set
    }

    @inline(__always)
    private mutating func slot(_ number: Int, _ timestamp: Int64, _ head: inout Head) -> Int? {
        guard number < slots.count else { return nil }
        if slots[number] >= 0 { return Int(slots[number]) }
        guard let set = labels[number] else { return nil }
        let hash = LabelHash.hash(set, seed: head.hashSeed)
        let slot = head.slot(of: set, hash: hash) ?? head.ensureSlot(of: set, hash: hash, timestamp: timestamp)
        slots[number] = Int32(slot)
        return slot
    }
}
