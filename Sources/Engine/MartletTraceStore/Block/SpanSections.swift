import MartletEvents

/// The columns of a block of spans; the numbers are written to files, see docs/formats/events.md.
enum SpanSections {
    static let traceIDs = BlockSection(1)
    static let traceFirstRows = BlockSection(2)
    static let traceStarts = BlockSection(3)
    static let traceFilter = BlockSection(4)
    static let spanIDs = BlockSection(10)
    static let parents = BlockSection(11)
    static let starts = BlockSection(12)
    static let durations = BlockSection(13)
    static let kinds = BlockSection(14)
    static let flags = BlockSection(15)
    static let names = BlockSection(16)
    static let nameTexts = BlockSection(17)
    static let origins = BlockSection(18)
    static let originTable = BlockSection(19)
    static let shapes = BlockSection(20)
    static let shapeTable = BlockSection(21)
    static let foreignRows = BlockSection(22)
    static let foreignParents = BlockSection(23)
    static let extraRows = BlockSection(24)
    static let extraEnds = BlockSection(25)
    static let extraBytes = BlockSection(26)

    /// The values of an attribute, by the number of its column.
    static func values(_ column: Int) -> BlockSection { BlockSection(30, column) }

    /// The texts that values are numbers of.
    static func texts(_ column: Int) -> BlockSection { BlockSection(31, column) }

    /// How many values there are before each 1,024 rows.
    static func valueStarts(_ column: Int) -> BlockSection { BlockSection(32, column) }

    /// How the parent is told: none, by its id, or by its distance in rows, folded and increased by 2.
    static let noParent: Int64 = 0
    static let foreignParent: Int64 = 1
}
