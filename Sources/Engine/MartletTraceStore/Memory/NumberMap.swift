/// Numbers by numbers, in open addressing, half full at most.
///
/// Keys come from senders: a seed keeps them from planning collisions.
struct NumberMap: Sendable {
    private var keys = [UInt64](repeating: 0, count: 16)
    private var values = [UInt32](repeating: .max, count: 16)
    private let seed = UInt64.random(in: .min ... .max)
    private(set) var count = 0

    /// What a key stands for, `nil` for nothing.
    @inline(__always)
    subscript(key: UInt64) -> UInt32? {
        var index = place(key)
        while values[index] != .max {
            if keys[index] == key { return values[index] }
            index = (index + 1) & (keys.count - 1)
        }
        return nil
    }

    /// Puts in a key that is not there yet.
    ///
    /// - Precondition: The value is below `UInt32.max`.
    mutating func insert(_ key: UInt64, _ value: UInt32) {
        precondition(value < .max)
        if (count + 1) * 2 > keys.count {
            let (oldKeys, oldValues) = (keys, values)
            keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
            values = [UInt32](repeating: .max, count: oldKeys.count * 2)
            for index in oldKeys.indices where oldValues[index] != .max { put(oldKeys[index], oldValues[index]) }
        }
        put(key, value)
        count += 1
    }

    /// Forgets everything, and keeps the memory where it is little.
    mutating func removeAll() {
        if keys.count > 4096 {
            keys = [UInt64](repeating: 0, count: 16)
            values = [UInt32](repeating: .max, count: 16)
        } else {
            for index in values.indices { values[index] = .max }
        }
        count = 0
    }

    private mutating func put(_ key: UInt64, _ value: UInt32) {
        var index = place(key)
        while values[index] != .max { index = (index + 1) & (keys.count - 1) }
        keys[index] = key
        values[index] = value
    }

    @inline(__always)
    private func place(_ key: UInt64) -> Int {
        let product = (key ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (keys.count - 1)
    }
}
