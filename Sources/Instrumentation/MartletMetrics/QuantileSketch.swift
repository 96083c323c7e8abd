// The compactor scheme of Manku, Rajagopalan and Lindsay: values fill a buffer; a full buffer is sorted and every second
// value goes on to the next level, where it counts double. Which half goes alternates, so that the errors of two
// compactions of a level cancel instead of adding up: with buffers of k values and n observations, a rank is wrong by at
// most n·h / 2k for h levels in use. Deterministic: the bound holds always, not just probably.

/// Remembers values so that quantiles can be told to a stated error of their rank, in bounded memory.
struct QuantileSketch {
    /// The highest number of observations for which the error holds.
    static let countMax = 1 << 24

    private let capacity: Int
    private var levels: [[Double]] = []
    private var takesUpper: [Bool] = []
    private(set) var count = 0

    /// - Parameter rankError: The highest error of a rank as a share of the count.
    init(rankError: Double) {
        capacity = QuantileSketch.capacity(rankError)
    }

    /// The least even buffer length with which the error holds up to ``countMax`` observations.
    static func capacity(_ rankError: Double) -> Int {
        var capacity = 16
        while Double(levelCount(capacity)) / Double(2 * capacity) > rankError { capacity += 2 }
        return capacity
    }

    private static func levelCount(_ capacity: Int) -> Int {
        var levels = 0
        var held = capacity
        while held < countMax {
            held *= 2
            levels += 1
        }
        return levels
    }

    /// Takes a value in.
    ///
    /// - Complexity: O(log *k*) on average for buffers of *k* values; now and then a buffer is sorted.
    mutating func insert(_ value: Double) {
        count += 1
        if levels.isEmpty { addLevel() }
        levels[0].append(value)
        var level = 0
        while levels[level].count >= capacity {
            compact(level)
            level += 1
        }
    }

    private mutating func addLevel() {
        levels.append([])
        levels[levels.count - 1].reserveCapacity(capacity)
        takesUpper.append(false)
    }

    private mutating func compact(_ level: Int) {
        if level + 1 == levels.count { addLevel() }
        sort(level)
        for place in stride(from: takesUpper[level] ? 1 : 0, to: levels[level].count, by: 2) {
            levels[level + 1].append(levels[level][place])
        }
        takesUpper[level].toggle()
        levels[level].removeAll(keepingCapacity: true)
    }

    /// Sorts in place by falling gaps: the library's own sort would allocate, which recording must not.
    private mutating func sort(_ level: Int) {
        let gaps: InlineArray<9, Int> = [1750, 701, 301, 132, 57, 23, 10, 4, 1]
        for index in gaps.indices where gaps[index] < levels[level].count {
            let gap = gaps[index]
            for place in gap..<levels[level].count {
                let value = levels[level][place]
                var hole = place
                while hole >= gap, levels[level][hole - gap] > value {
                    levels[level][hole] = levels[level][hole - gap]
                    hole -= gap
                }
                levels[level][hole] = value
            }
        }
    }

    /// Forgets all values; the memory stays for the next ones.
    mutating func removeAll() {
        count = 0
        for level in levels.indices { levels[level].removeAll(keepingCapacity: true) }
    }

    /// Appends the values that are left, each with how many observations it stands for.
    func append(to values: inout [(value: Double, weight: Int)]) {
        for (level, buffer) in levels.enumerated() {
            for value in buffer { values.append((value, 1 << level)) }
        }
    }
}
