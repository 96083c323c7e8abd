public import MartletCore

/// Which span a new one is a part of.
@frozen
public enum SpanParent: Sendable {
    /// The span that the caller is in; where it is in none, the new one begins a trace.
    case current
    /// None: the new span begins a trace.
    case root
    /// A span known by its context, from another process or another part of this one.
    case context(SpanContext)
}
