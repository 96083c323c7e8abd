import MartletCore

/// Remembers, by the bytes of a series as a target writes it, what the series is called in the store.
///
/// A target writes its series in the same order every time, so the series after the one found last is tried first;
/// only where that fails are the bytes hashed. A hit allocates nothing.
struct SeriesCache {
    struct Entry {
        /// The series as the target writes it; empty for a free place.
        var text: [UInt8]
        /// The labels in the store, or `nil` where relabelling drops the series.
        var labels: LabelSet?
        /// The scrape in which it was last seen.
        var lastSeen: UInt64
        /// The scrape that brought it.
        var firstSeen: UInt64
        /// Whether the store holds a value of it that a stale marker must end.
        var isLive = false
        /// Whether its samples of this scrape carry their own timestamps, so that no marker is due.
        var hasOwnTimestamp = false
        /// When its counting began, as it was told last.
        var created: Int64?
        fileprivate var hash: UInt64
        fileprivate var next: Int
    }

    private(set) var entries: [Entry] = []
    private var heads: [UInt64: Int] = [:]
    private var free: [Int] = []
    private var predicted = 0

    /// How many series are known.
    var count: Int { entries.count - free.count }

    /// The place of a series, or `nil` where it is unknown.
    mutating func find(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        if predicted < entries.count, Self.isEqual(entries[predicted].text, bytes, range) {
            predicted += 1
            return predicted - 1
        }
        var place = heads[Self.hash(bytes, range)] ?? -1
        while place >= 0 {
            if Self.isEqual(entries[place].text, bytes, range) {
                predicted = place + 1
                return place
            }
            place = entries[place].next
        }
        return nil
    }

    /// Adds a series that is not there.
    mutating func insert(_ bytes: [UInt8], _ range: Range<Int>, labels: LabelSet?, scrape: UInt64) -> Int {
        let hash = Self.hash(bytes, range)
        let entry = Entry(
            text: Array(bytes[range]),
            labels: labels,
            lastSeen: scrape,
            firstSeen: scrape,
            hash: hash,
            next: heads[hash] ?? -1
        )
        let place: Int
        if let reused = free.popLast() {
            entries[reused] = entry
            place = reused
        } else {
            place = entries.count
            entries.append(entry)
        }
        heads[hash] = place
        predicted = place + 1
        return place
    }

    /// Changes the notes of a series; its text stays.
    mutating func update(_ place: Int, _ change: (inout Entry) -> Void) {
        change(&entries[place])
    }

    /// Starts to expect the first series again.
    mutating func rewind() {
        predicted = 0
    }

    /// Forgets a series.
    mutating func remove(_ place: Int) {
        let hash = entries[place].hash
        if heads[hash] == place {
            heads[hash] = entries[place].next >= 0 ? entries[place].next : nil
        } else {
            var before = heads[hash] ?? -1
            while before >= 0, entries[before].next != place { before = entries[before].next }
            if before >= 0 { entries[before].next = entries[place].next }
        }
        entries[place] = Entry(text: [], labels: nil, lastSeen: 0, firstSeen: 0, hash: 0, next: -1)
        free.append(place)
    }

    private static func isEqual(_ text: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard text.count == range.count else { return false }
        let start = range.lowerBound
        for index in text.indices where text[index] != bytes[start + index] { return false }
        return true
    }

    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash
    }
}
