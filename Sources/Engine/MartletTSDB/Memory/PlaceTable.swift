/// Finds a place by its hash: open addressing, two thirds full at most, eight bytes an entry.
///
/// An entry has 32 bits of the hash, so that looking up and growing touch nothing else.
struct PlaceTable: Sendable {
    private var entries: [UInt64] = Array(repeating: .max, count: 16)
    private(set) var count = 0

    /// The bytes the table takes.
    var byteCount: Int { entries.count * 8 }

    /// The first place along the probe sequence of a hash that meets a condition.
    @inline(__always)
    func first(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        let mask = entries.count - 1
        let tag = hash >> 32
        var index = Int(truncatingIfNeeded: tag) & mask
        while entries[index] != .max {
            if entries[index] >> 32 == tag {
                let place = Int(entries[index] & 0xffff_ffff)
                if matches(place) { return place }
            }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Adds a place under 2^32 − 1.
    mutating func insert(_ place: Int, _ hash: UInt64) {
        if (count + 1) * 3 > entries.count * 2 {
            let old = entries
            entries = Array(repeating: .max, count: old.count * 2)
            for entry in old where entry != .max { put(entry) }
        }
        put((hash & 0xffff_ffff_0000_0000) | UInt64(place))
        count += 1
    }

    private mutating func put(_ entry: UInt64) {
        let mask = entries.count - 1
        var index = Int(truncatingIfNeeded: entry >> 32) & mask
        while entries[index] != .max { index = (index + 1) & mask }
        entries[index] = entry
    }
}
