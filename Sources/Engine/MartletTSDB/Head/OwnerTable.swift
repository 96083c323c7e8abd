/// How many live series each target or sender has.
struct OwnerTable: Sendable {
    private var names: [String] = [""]
    private var counts: [Int] = [0]
    private var numbers: [String: UInt32] = [:]

    /// More origins than this share the number 0, which has no limit of its own.
    static let ownersMax = 100_000

    /// The number of an origin.
    mutating func number(of origin: String) -> UInt32 {
        if let known = numbers[origin] { return known }
        guard names.count < Self.ownersMax else { return 0 }
        let number = UInt32(names.count)
        names.append(origin)
        counts.append(0)
        numbers[origin] = number
        return number
    }

    /// How many series an origin has.
    func count(of owner: UInt32) -> Int { Int(owner) < counts.count ? counts[Int(owner)] : 0 }

    mutating func add(_ owner: UInt32) {
        if Int(owner) < counts.count { counts[Int(owner)] += 1 }
    }

    mutating func remove(_ owner: UInt32) {
        if Int(owner) < counts.count { counts[Int(owner)] -= 1 }
    }

    mutating func clearCounts() {
        for index in counts.indices { counts[index] = 0 }
    }
}

/// Who met a limit since the store last told about it; a few are named, all are counted.
struct Offenders: Sendable {
    /// How many are named in one line.
    static let namedMax = 5

    /// One limit that was met.
    struct Entry: Sendable {
        var count = 0
        var names: [String] = []
    }

    private(set) var entries: [String: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }

    /// Notes a refusal; the name is only asked for when it will be kept.
    mutating func note(_ limit: String, _ name: () -> String) {
        var entry = entries[limit] ?? Entry()
        entry.count += 1
        if entry.names.count < Self.namedMax {
            let name = name()
            if !entry.names.contains(name) { entry.names.append(name) }
        }
        entries[limit] = entry
    }

    /// Takes what was noted.
    mutating func take() -> [String: Entry] {
        defer { entries = [:] }
        return entries
    }
}
