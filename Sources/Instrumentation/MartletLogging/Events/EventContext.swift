/// Where an event happened.
public struct EventContext: Sendable, Hashable {
    /// The trace; that of the current span where none is given.
    public var traceID: String?
    /// The sandbox.
    public var sandboxID: String?

    /// Creates a place.
    public init(traceID: String? = nil, sandboxID: String? = nil) {
        self.traceID = traceID
        self.sandboxID = sandboxID
    }
}
