public import MartletCore
public import MartletOTLP

/// Records on their way to the store, put together by where they come from.
public struct LogBatch: Sendable {
    private var places: [[Attribute]: Int] = [:]
    private var logs: [ResourceLogs] = []

    /// How many records there are.
    public private(set) var count = 0

    /// Creates a batch of nothing.
    public init() {}

    /// Whether there is nothing in it.
    public var isEmpty: Bool { count == 0 }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - line: The record, and what it tells of where it comes from.
    ///   - source: What the input knows of where it comes from; what the record says itself counts more.
    public mutating func add(_ line: ParsedLine, source: [Attribute] = []) {
        let own = line.resource
        add(line.entry, resource: own + source.filter { known in !own.contains { $0.key == known.key } })
    }

    /// Adds a record of a resource.
    public mutating func add(_ entry: LogEntry, resource: [Attribute]) {
        count += 1
        if let place = places[resource] {
            logs[place].scopeLogs[0].entries.append(entry)
        } else {
            places[resource] = logs.count
            logs.append(
                ResourceLogs(resource: Resource(attributes: resource), scopeLogs: [ScopeLogs(entries: [entry])])
            )
        }
    }

    /// The records as they are handed on.
    public var resourceLogs: [ResourceLogs] { logs }
}
