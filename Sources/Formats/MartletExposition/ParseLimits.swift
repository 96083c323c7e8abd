/// How much an exposition may hold; a line beyond a limit is an error, the other lines are not touched by it.
public struct ParseLimits: Hashable, Sendable {
    /// The longest line in bytes.
    public var lineBytesMax: Int

    /// The highest number of labels of a series, the name not counted.
    public var labelsMax: Int

    /// The longest metric or label name in bytes, as written.
    public var nameBytesMax: Int

    /// The longest label value in bytes, as written.
    public var valueBytesMax: Int

    /// Creates limits; the defaults are wide enough for honest exporters.
    public init(
        lineBytesMax: Int = 1 << 20,
        labelsMax: Int = 64,
        nameBytesMax: Int = 1024,
        valueBytesMax: Int = 4096
    ) {
        self.lineBytesMax = lineBytesMax
        self.labelsMax = labelsMax
        self.nameBytesMax = nameBytesMax
        self.valueBytesMax = valueBytesMax
    }
}
