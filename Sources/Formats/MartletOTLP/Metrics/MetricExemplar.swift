public import MartletCore

/// One measurement that stands for many, with the span it was made in.
public struct MetricExemplar: Hashable, Sendable {
    /// The attributes that the metric's points lack.
    public var attributes: [Attribute]

    /// When it was measured, in nanoseconds since the epoch.
    public var time: UInt64

    /// What was measured.
    public var value: NumberPoint.Value

    /// The trace, 16 bytes, or empty.
    public var traceID: [UInt8]

    /// The span, 8 bytes, or empty.
    public var spanID: [UInt8]

    /// Creates an exemplar.
    public init(
        attributes: [Attribute] = [],
        time: UInt64 = 0,
        value: NumberPoint.Value = .none,
        traceID: [UInt8] = [],
        spanID: [UInt8] = []
    ) {
        self.attributes = attributes
        self.time = time
        self.value = value
        self.traceID = traceID
        self.spanID = spanID
    }
}
