/// Something that happened while a span was under way.
public struct SpanEvent: Hashable, Sendable {
    /// When, in nanoseconds since the epoch.
    public var time: UInt64

    /// What happened, such as `exception`.
    public var name: String

    /// The particulars.
    public var attributes: [Attribute]

    /// How many attributes were left out.
    public var droppedAttributes: UInt32

    /// Creates an event.
    public init(time: UInt64 = 0, name: String, attributes: [Attribute] = [], droppedAttributes: UInt32 = 0) {
        self.time = time
        self.name = name
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
    }
}
