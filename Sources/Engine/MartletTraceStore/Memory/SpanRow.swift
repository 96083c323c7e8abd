/// What a table knows of one span: a cache line, so that a trace's spans can be put in order with one miss each.
struct SpanRow: Sendable {
    var span: UInt64
    var parent: UInt64
    var start: Int64
    var end: Int64
    /// The number of the trace.
    var slot: UInt32
    /// The row of the same trace that came before.
    var previous: UInt32
    var name: UInt32
    var origin: UInt32
    var flags: UInt32
    var shape: UInt32
    /// Where the values of the attributes begin.
    var firstValue: UInt32
    /// What the span stands for in the lower three bits, how it ended above.
    var kind: UInt8
}
