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
    private let seed = UInt64.random(in: .min ... .max)

    /// How many places are used.
    private(set) var count = 0

    /// How many sides wait.
    private(set) var waiting = 0

    /// The side that came first of those that wait for an id.
    func first(_ key: UInt64) -> Side? {
        guard count > 0 else { return nil }
        var index = place(key)
        while keys[index] != 0 {
            if keys[index] == key, sides[index].service != .max { return sides[index] }
            index = (index + 1) & (keys.count - 1)
        }
        return nil
    }

    /// Takes out all sides that wait for an id, in the order they came.
    mutating func take(_ key: UInt64, into found: inout [Side]) {
        guard count > 0 else { return }
        var index = place(key)
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
    mutating func insert(_ key: UInt64, _ side: Side, isOnly: Bool) -> Bool {
        precondition(key != 0)
        if (count + 1) * 2 > keys.count { grow() }
        var (index, others) = (place(key), 0)
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

    private mutating func grow() {
        let (oldKeys, oldSides) = (keys, sides)
        keys = [UInt64](repeating: 0, count: max(64, oldKeys.count * 2))
        sides = [Side](repeating: .none, count: keys.count)
        for old in oldKeys.indices where oldKeys[old] != 0 {
            var index = place(oldKeys[old])
            while keys[index] != 0 { index = (index + 1) & (keys.count - 1) }
            keys[index] = oldKeys[old]
            sides[index] = oldSides[old]
        }
    }

    @inline(__always)
    private func place(_ key: UInt64) -> Int {
        let product = (key ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (keys.count - 1)
    }
}
