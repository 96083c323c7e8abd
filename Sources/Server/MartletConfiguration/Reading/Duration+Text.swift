import MartletCore

extension Duration {
    /// The whole milliseconds of this duration, cut off.
    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// The duration as configuration writes it: `1h30m`.
    public var configurationText: String { DurationText.string(milliseconds: wholeMilliseconds) }
}
