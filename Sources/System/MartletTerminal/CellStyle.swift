/// How a cell looks: a colour of the text on the terminal's own background, and what a terminal without colours shows too.
public struct CellStyle: Hashable, Sendable {
    /// The colour of the text, or `nil` for the terminal's own.
    public var color: TerminalColor?

    /// Whether the text is bold.
    public var isBold: Bool

    /// Whether the text is faint.
    public var isDim: Bool

    /// Whether text and background are exchanged.
    public var isReversed: Bool

    /// Whether the text is underlined.
    public var isUnderlined: Bool

    /// Makes a style; without arguments the plain one.
    public init(
        _ color: TerminalColor? = nil,
        isBold: Bool = false,
        isDim: Bool = false,
        isReversed: Bool = false,
        isUnderlined: Bool = false
    ) {
        self.color = color
        self.isBold = isBold
        self.isDim = isDim
        self.isReversed = isReversed
        self.isUnderlined = isUnderlined
    }

    /// The terminal's own text.
    public static let plain = CellStyle()

    /// What matters less.
    public static let quiet = CellStyle(isDim: true)

    /// What stands out.
    public static let strong = CellStyle(isBold: true)

    /// What is chosen.
    public static let chosen = CellStyle(isReversed: true)
}
