/// Finds a slot by its hash: open addressing, half full at most, four bytes a place.
struct SlotTable: Sendable {
    private var places: [UInt32] = Array(repeating: .max, count: 64)
    private var count = 0

    /// The first slot along the probe sequence of a hash that meets a condition.
    @inline(__always)
    func first(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != .max {
            if matches(Int(places[place])) { return Int(places[place]) }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds a slot; when the table must grow, the hashes of the slots in it are asked for again.
    mutating func insert(_ slot: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        if (count + 1) * 2 > places.count {
            let old = places
            places = Array(repeating: .max, count: old.count * 2)
            for slot in old where slot != .max { put(slot, hashOf(Int(slot))) }
        }
        put(UInt32(slot), hash)
        count += 1
    }

    private mutating func put(_ slot: UInt32, _ hash: UInt64) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != .max { place = (place + 1) & mask }
        places[place] = slot
    }
}
