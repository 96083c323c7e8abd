/// Sides of calls that wait for the other, by the id of the span that both name; several may wait for one id.
///
/// Open addressing; what was taken out leaves its place used, which is no harm as the whole is dropped before long.
struct WaitingSides: Sendable {
    /// One side of a call.
    struct Side: Sendable {
        var service: UInt32
        var isFailed: Bool
        var seconds: Double

        fileprivate static let none = Side(service: .max, isFailed: false, seconds: 0)
    }

    private var keys: [UInt64] = []
    private var sides: [Side] = []

    /// How many places are used.
    private(set) var count = 0

    /// How many sides wait.
    private(set) var waiting = 0

    /// Where an id may be, in tables of any size; the seed keeps senders from planning collisions.
    @inline(__always)
    static func hash(_ key: UInt64, _ seed: UInt64) -> Int {
        let product = (key ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }

    /// The side that came first of those that wait for an id, whose hash is at hand.
    func first(_ key: UInt64, _ hash: Int) -> Side? {
        guard count > 0 else { return nil }
        var index = hash & (keys.count - 1)
        while keys[index] != 0 {
            if keys[index] == key, sides[index].service != .max { return sides[index] }
            index = (index + 1) & (keys.count - 1)
        }
        return nil
    }

    /// Takes out all sides that wait for an id, in the order they came.
    mutating func take(_ key: UInt64, _ hash: Int, into found: inout [Side]) {
        guard count > 0 else { return }
        var index = hash & (keys.count - 1)
        while keys[index] != 0 {
            if keys[index] == key, sides[index].service != .max {
                found.append(sides[index])
                sides[index] = .none
                waiting -= 1
            }
            index = (index + 1) & (keys.count - 1)
        }
    }

    /// Lets a side wait, in the place of an earlier one with its id where it is to be the only one.
    ///
    /// - Returns: `false` where a hundred have had this id, and the side is left out.
    /// - Precondition: The id is not 0.
    mutating func insert(_ key: UInt64, _ hash: Int, _ side: Side, isOnly: Bool, seed: UInt64) -> Bool {
        precondition(key != 0)
        if (count + 1) * 2 > keys.count { grow(seed) }
        var (index, others) = (hash & (keys.count - 1), 0)
        while keys[index] != 0 {
            if keys[index] == key {
                if isOnly {
                    if sides[index].service == .max { waiting += 1 }
                    sides[index] = side
                    return true
                }
                others += 1
                if others >= 100 { return false }
            }
            index = (index + 1) & (keys.count - 1)
        }
        keys[index] = key
        sides[index] = side
        count += 1
        waiting += 1
        return true
    }

    private mutating func grow(_ seed: UInt64) {
        let (oldKeys, oldSides) = (keys, sides)
        keys = [UInt64](repeating: 0, count: max(64, oldKeys.count * 2))
        sides = [Side](repeating: .none, count: keys.count)
        for old in oldKeys.indices where oldKeys[old] != 0 {
            var index = Self.hash(oldKeys[old], seed) & (keys.count - 1)
            while keys[index] != 0 { index = (index + 1) & (keys.count - 1) }
            keys[index] = oldKeys[old]
            sides[index] = oldSides[old]
        }
    }
}
