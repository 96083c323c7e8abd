import MartletEvents

/// The columns of a block of log records; the numbers are written to files, see docs/formats/logs.md.
enum LogSections {
    static let base = BlockSection(1)
    static let times = BlockSection(2)
    static let granuleTimes = BlockSection(3)
    static let observed = BlockSection(4)
    static let kinds = BlockSection(5)
    static let kindTable = BlockSection(6)
    static let origins = BlockSection(7)
    static let originTable = BlockSection(8)
    static let traces = RecentIDs.Sections(first: 9)
    static let spans = RecentIDs.Sections(first: 14)
    static let shapes = BlockSection(20)
    static let shapeTable = BlockSection(21)
    static let extraRows = BlockSection(24)
    static let extraEnds = BlockSection(25)
    static let extraBytes = BlockSection(26)

    /// How many codes each row has; blocks with templates have none.
    static let lengths = BlockSection(40)
    static let codeStarts = BlockSection(41)

    /// The place of each thirty-second row's first code, from its granule's; blocks of before and those with templates have
    /// none.
    static let rowMarks = BlockSection(43)
    static let words = BlockSection(50)
    static let ranks = BlockSection(51)
    static let separators = BlockSection(52)
    static let variables = BlockSection(60)
    static let variableEnds = BlockSection(61)
    static let variableFilters = BlockSection(62)
    static let variableFilterEnds = BlockSection(63)

    /// The codes of messages by granule, parted into short and long ones; and where each granule's end.
    static let codes = BlockSection(46)
    static let codeEnds = BlockSection(47)

    /// What messages share, and which of it each row has; where most messages share nothing, there are none.
    static let templates = BlockSection(48)
    static let templateOfRow = BlockSection(49)

    /// In blocks of before: codes by granule, all lowest bytes, then all next ones, compressed; and where each granule's end.
    static let packedPlanes = BlockSection(44)
    static let packedPlaneEnds = BlockSection(45)

    /// In blocks of before: all lowest bytes, then all next ones, and where there are very many words a third each.
    static func planes(_ count: Int) -> BlockSection { BlockSection(42, count) }

    /// The values of an attribute, by the number of its column.
    static func values(_ column: Int) -> BlockSection { BlockSection(30, column) }

    /// The texts that values are numbers of.
    static func texts(_ column: Int) -> BlockSection { BlockSection(31, column) }

    /// How many values there are before each 1,024 rows.
    static func valueStarts(_ column: Int) -> BlockSection { BlockSection(32, column) }
}
