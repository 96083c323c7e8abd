public import MartletEvents
import MartletCore
import MartletOTLP

/// A key that records have.
public struct LogField: Hashable, Sendable {
    /// The key.
    public var name: String

    /// Whether it tells of where records come from rather than of each of them.
    public var isOfResource: Bool

    /// What kinds of values it has, such as `string` and `int`, sorted.
    public var types: [String]
}

extension LogStore {
    /// The keys that records have, sorted by name; those in damaged blocks are left out.
    ///
    /// - Throws: `EventError`.
    public func fields() throws(EventError) -> [LogField] {
        struct Key: Hashable {
            var name: String
            var isOfResource: Bool
        }
        var found: [Key: Set<String>] = [:]
        func add(_ part: some LogPart) {
            for column in part.columnList {
                found[Key(name: String(decoding: column.key, as: UTF8.self), isOfResource: false), default: []]
                    .insert("\(column.type)")
            }
            for origin in part.origins {
                for attribute in origin.value.resource.attributes {
                    found[Key(name: attribute.key, isOfResource: true), default: []].insert(attribute.value.typeName)
                }
            }
        }
        let (frozen, blocks): (LogTable?, [StoredBlock<Kind>]) = try events.read(
            memory: {
                add($0)
                return (nil, [])
            },
            blocks: { (_, frozen, blocks) in (frozen, blocks) }
        )
        if let frozen { add(frozen) }
        for block in blocks {
            if let part = try? LogBlockReader(block.content) { add(part) }
        }
        return found.map { LogField(name: $0.key.name, isOfResource: $0.key.isOfResource, types: $0.value.sorted()) }
            .sorted { ($0.name, $0.isOfResource ? 1 : 0) < ($1.name, $1.isOfResource ? 1 : 0) }
    }
}
