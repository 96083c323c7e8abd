public import MartletCore

/// What the spans of one tracer share.
public struct SpanSource: Hashable, Sendable {
    /// The service that made them.
    public var resource: Resource

    /// The part of it that did.
    public var scope: InstrumentationScope

    /// Creates a source.
    public init(resource: Resource, scope: InstrumentationScope) {
        self.resource = resource
        self.scope = scope
    }
}
