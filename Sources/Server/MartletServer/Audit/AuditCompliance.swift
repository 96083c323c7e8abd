import MartletCore

/// Counts audit events by who did what and how it ended.
struct AuditCompliance: Sendable {
    /// How many different groups are counted; the rest is told as one number.
    static let groupsMax = 100_000

    private struct Group: Sendable {
        var count = 0
        var first: Int64
        var last: Int64
        var lastNumber: UInt64
    }

    private let keys: [String]
    private var groups: [[String]: Group] = [:]
    private var total = 0
    private var others = 0

    init(_ keys: [String]) {
        self.keys = keys
    }

    mutating func add(_ event: JSONValue, _ number: UInt64, _ time: Int64) {
        total += 1
        let values = keys.map { event[$0]?.text ?? "" }
        guard groups[values] != nil || groups.count < Self.groupsMax else {
            others += 1
            return
        }
        var group = groups[values] ?? Group(first: time, last: time, lastNumber: number)
        group.count += 1
        (group.last, group.lastNumber) = (max(group.last, time), number)
        groups[values] = group
    }

    func write(to writer: inout JSONWriter) {
        // The most frequent first; of equals by name, so that reports can be compared.
        let sorted = groups.sorted { first, second in
            first.value.count != second.value.count
                ? first.value.count > second.value.count : first.key.lexicographicallyPrecedes(second.key)
        }
        let keys = keys
        writer.object { object in
            object.member("total", total)
            object.member("others", others)
            object.member("by", strings: keys)
            object.member("groups", array: sorted) { list, entry in
                list.object { group in
                    for (key, value) in zip(keys, entry.key) { group.member(key, value) }
                    group.member("count", entry.value.count)
                    group.member("first", RFC3339.shortString(nanosecondsSinceEpoch: entry.value.first))
                    group.member("last", RFC3339.shortString(nanosecondsSinceEpoch: entry.value.last))
                    group.member("last_number", Int64(clamping: entry.value.lastNumber))
                }
            }
        }
    }
}
