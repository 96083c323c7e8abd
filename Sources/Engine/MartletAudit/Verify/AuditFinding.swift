package import MartletCore

/// Something that is wrong with a ledger, and where.
package struct AuditFinding: Hashable, Sendable, CustomStringConvertible {
    /// What kind of wrong it is.
    package enum Kind: String, Sendable {
        /// Bytes of an event are not those that were written.
        case altered
        /// Events are missing between others.
        case missing
        /// Two events stand in each other's place.
        case swapped
        /// The end is missing.
        case truncated
        /// A block was replaced by one that holds together in itself.
        case rewritten
        /// Bytes between events are not those that were written.
        case damaged
        /// A checkpoint was not written with the ledger's key, or is missing.
        case checkpoint
    }

    package var kind: Kind
    /// The block, where it is one block's matter.
    package var block: UInt64?
    /// The events concerned, where they are known.
    package var events: ClosedRange<UInt64>?
    /// What is wrong, in words.
    package var text: String

    package var description: String { text }

    /// Writes the finding as an object of JSON.
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("kind", kind.rawValue)
            if let block { object.member("block", Int64(clamping: block)) }
            if let events {
                object.member("first_event", Int64(clamping: events.lowerBound))
                object.member("last_event", Int64(clamping: events.upperBound))
            }
            object.member("text", text)
        }
    }
}
