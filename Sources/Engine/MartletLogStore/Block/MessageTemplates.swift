import MartletEvents
import MartletFiles

/// What the messages of a block share: templates of codes, with slots for the words by which rows differ.
final class MessageTemplates {
    /// How parts stand in the table: 0 for a word told as it is, 1 for a slot, 2 + a code.
    static let variable: UInt64 = 0
    static let slot: UInt64 = 1
    static let firstCode: UInt64 = 2

    /// A part that is a slot; others are codes, of which 0 is a word told as it is.
    static let isSlot: Int32 = -1

    /// The parts of all templates, one template behind the other.
    private let parts: [Int32]
    private let ends: [Int]
    private let slotCounts: [Int]
    private let variableCounts: [Int]
    private let templateOfRow: IntegerColumn

    // The granule that was read last.
    private var number = -1

    /// The templates of its rows.
    private(set) var templates: [Int] = []
    private var slotEnds: [Int] = []
    private var variableEnds: [Int] = []

    init(_ reader: LogBlockReader) throws(EventError) {
        var (parts, ends, slotCounts, variableCounts): ([Int32], [Int], [Int], [Int]) = ([], [], [], [])
        let isWhole = try reader.file.column(LogSections.templates).withBytes { bytes in
            var at = 0
            guard let count = bytes.varint(&at), count <= UInt64(bytes.count) else { return false }
            for _ in 0..<count {
                guard let size = bytes.varint(&at), size <= UInt64(bytes.count - at) else { return false }
                var (slots, variables) = (0, 0)
                for _ in 0..<size {
                    guard let part = bytes.varint(&at), part <= 1 << 24, part != Self.firstCode else { return false }
                    switch part {
                    case Self.variable:
                        variables += 1
                        parts.append(0)
                    case Self.slot:
                        slots += 1
                        parts.append(Self.isSlot)
                    default: parts.append(Int32(part - Self.firstCode))
                    }
                }
                ends.append(parts.count)
                slotCounts.append(slots)
                variableCounts.append(variables)
            }
            return true
        }
        guard isWhole, !ends.isEmpty else { throw reader.file.damaged("its templates make no sense") }
        (self.parts, self.ends, self.slotCounts, self.variableCounts) = (parts, ends, slotCounts, variableCounts)
        templateOfRow = try reader.integers(LogSections.templateOfRow, reader.count)
    }

    /// How many there are.
    var count: Int { ends.count }

    /// The parts of a template.
    func parts(_ template: Int) -> ArraySlice<Int32> {
        parts[(template == 0 ? 0 : ends[template - 1])..<ends[template]]
    }

    /// Reads the templates of a granule's rows; `false` where there is one that is unknown.
    func read(_ number: Int, _ rows: Range<Int>) -> Bool {
        guard number != self.number else { return true }
        self.number = -1
        templateOfRow.values(in: rows, into: &templates)
        for template in templates where template < 0 || template >= count { return false }
        slotEnds.removeAll(keepingCapacity: true)
        variableEnds.removeAll(keepingCapacity: true)
        self.number = number
        return true
    }

    /// Where the words of the rows that were read end, among the granule's slots and those told as they are.
    private func sum() {
        guard slotEnds.isEmpty else { return }
        var (slots, variables) = (0, 0)
        for template in templates {
            slots += slotCounts[template]
            variables += variableCounts[template]
            slotEnds.append(slots)
            variableEnds.append(variables)
        }
    }

    /// A row of the granule, its first slot and its first word told as it is.
    struct Row {
        var template: Int
        var slot: Int
        var variable: Int
    }

    /// A row, by its place in the granule that was read.
    func row(_ place: Int) -> Row {
        sum()
        return Row(
            template: templates[place],
            slot: place == 0 ? 0 : slotEnds[place - 1],
            variable: place == 0 ? 0 : variableEnds[place - 1]
        )
    }

    /// The row that has a slot, by its place in the granule that was read; `nil` where there are not so many.
    func row(ofSlot slot: Int) -> Int? {
        sum()
        return Self.firstPlace(above: slot, slotEnds)
    }

    /// The row that has a word told as it is.
    func row(ofVariable variable: Int) -> Int? {
        sum()
        return Self.firstPlace(above: variable, variableEnds)
    }

    private static func firstPlace(above value: Int, _ ends: [Int]) -> Int? {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low < ends.count ? low : nil
    }
}
