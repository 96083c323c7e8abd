extension Counter.Series: ScalarMetric {
    /// The series of a family whose cell was found; only the library calls it.
    @inlinable @inline(__always)
    public init(_cell cell: UInt32, of family: FamilyReference) {
        self.init(cell: cell, control: family.control)
    }

    /// A counter; only the library asks.
    @inlinable @inline(__always)
    public static var _kind: MetricKind { .counter }
}

extension Counter {
    /// A counter with labels that are texts.
    public typealias Family = LabeledFamily<Series>
}
