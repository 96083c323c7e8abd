/// The not-a-number that says: from here on the series has no value.
///
/// A scrape writes it when a series or its target goes away. Only its bits tell it from other NaNs.
///
/// - SeeAlso: [Staleness](https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness)
public enum StaleMarker {
    /// The marker's bits; other NaNs have others.
    public static let bitPattern: UInt64 = 0x7ff0_0000_0000_0002

    /// The marker.
    public static var value: Double { Double(bitPattern: bitPattern) }

    /// Whether a value is the marker, by its bits.
    public static func isStale(_ value: Double) -> Bool { value.bitPattern == bitPattern }
}
