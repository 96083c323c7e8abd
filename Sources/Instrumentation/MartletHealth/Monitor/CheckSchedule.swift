import MartletCore

/// When a check runs: at whole intervals from its start, shifted by a part of the jitter that its name decides.
///
/// The shift is the same for all runs, so that a check keeps its pace and two checks stay apart.
struct CheckSchedule {
    let interval: Int64
    let first: Int64

    init(name: String, interval: Duration, jitter: Double, start: Int64) {
        self.interval = max(1, interval.wholeNanoseconds)
        // FNV-1a, as Swift's own hashes differ from one process to the next.
        let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let share = Double(hash % 1000) / 1000 * min(max(jitter, 0), 1)
        first = start + self.interval + Int64(share * Double(self.interval))
    }

    /// The first run after a time.
    func next(after time: Int64) -> Int64 {
        time < first ? first : first + ((time - first) / interval + 1) * interval
    }
}
