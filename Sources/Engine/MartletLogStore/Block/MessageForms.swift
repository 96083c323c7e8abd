import MartletEvents

/// What the messages of a table have in common: templates, and what differs from row to row.
///
/// Messages share a template that have the same words in the same places. Words with a digit and rare ones may differ, and
/// belong to the template where they do not. A message that hardly any other is like gets a template without words.
struct MessageForms {
    /// What a token is to a template.
    enum Role: UInt8 {
        /// Parts two words.
        case separator
        /// A word that is the same in all rows.
        case word
        /// A word that may differ.
        case slot
        /// A word that is told as it is, elsewhere.
        case variable
    }

    /// How many templates a block may have.
    static let templatesMax = 1 << 14

    /// How many rows a template with words has at least.
    private static let rowsMin: UInt32 = 4

    /// How many rows are looked at to see whether there are templates.
    private static let sample = 2048

    private struct Template {
        var hash: UInt64
        var firstRow: Int
        var rows: UInt32

        /// Where its tokens begin in `differs`.
        var start: Int
    }

    private let codes: [UInt32]
    private let codeStarts: [UInt32]
    private let roles: [Role]
    private let seed: UInt64
    private var templates: [Template] = []

    /// Whether rows differ at a token of a template, one template behind the other.
    private var differs: [Bool] = []

    /// Numbers of templates + 1, by their hash.
    private var table = [UInt32](repeating: 0, count: 1024)
    private var templateOfRow: [UInt32] = []

    /// Finds templates; `nil` where too few messages share one.
    ///
    /// - Parameters:
    ///   - codes: The tokens of all messages, one row behind the other.
    ///   - codeStarts: Where each row's begin, and the end.
    ///   - roles: What each token is.
    ///   - seed: What hashes begin with, so that nobody can write messages that all have the same.
    /// - Complexity: O(*n*) in the tokens where there are templates; else a few thousand rows are looked at.
    init?(codes: [UInt32], codeStarts: [UInt32], roles: [Role], seed: UInt64) {
        (self.codes, self.codeStarts, self.roles, self.seed) = (codes, codeStarts, roles, seed)
        guard rows > 0, isWorthwhile() else { return nil }
        templateOfRow.reserveCapacity(rows)
        for row in 0..<rows {
            guard let template = template(of: row, isBare: false) else { return nil }
            templateOfRow.append(template)
        }
        let isRare = templates.map { $0.rows < Self.rowsMin }
        let rare = zip(templates, isRare).reduce(0) { $0 + ($1.1 ? Int($1.0.rows) : 0) }
        guard rare <= rows / 4 else { return nil }
        for template in templates.indices where isRare[template] { templates[template].rows = 0 }
        for row in 0..<rows where isRare[Int(templateOfRow[row])] {
            guard let template = template(of: row, isBare: true) else { return nil }
            templateOfRow[row] = template
        }
        // What templates take must be little beside what they save.
        guard templates.reduce(0, { $0 + ($1.rows > 0 ? range($1.firstRow).count : 0) }) <= rows else { return nil }
    }

    private var rows: Int { codeStarts.count - 1 }
    private func range(_ row: Int) -> Range<Int> { Int(codeStarts[row])..<Int(codeStarts[row + 1]) }

    /// Whether half of some rows look as if others were like them.
    private func isWorthwhile() -> Bool {
        var seen: [UInt64: Int] = [:]
        var looked = 0
        for row in stride(from: 0, to: rows, by: max(1, rows / Self.sample)) {
            seen[hash(row, isBare: false), default: 0] += 1
            looked += 1
        }
        return seen.values.reduce(0) { $0 + ($1 == 1 ? 1 : 0) } <= looked / 2
    }

    private func role(_ token: UInt32, isBare: Bool) -> Role {
        let role = roles[Int(token)]
        return isBare && role == .word ? .slot : role
    }

    private func hash(_ row: Int, isBare: Bool) -> UInt64 {
        var hash = isBare ? ~seed : seed
        for place in range(row) {
            let token = codes[place]
            let key: UInt64 =
                switch role(token, isBare: isBare) {
                case .separator, .word: UInt64(token) + 4
                case .slot: 1
                case .variable: 2
                }
            hash = (hash ^ key) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
        }
        return hash
    }

    /// The template of a row, new where none is like it; `nil` where there are too many.
    private mutating func template(of row: Int, isBare: Bool) -> UInt32? {
        let hash = hash(row, isBare: isBare)
        var slot = Int(hash & UInt64(table.count - 1))
        while table[slot] != 0 {
            let number = table[slot] - 1
            if templates[Int(number)].hash == hash, isLike(row, templates[Int(number)], isBare: isBare) {
                templates[Int(number)].rows += 1
                return number
            }
            slot = (slot + 1) & (table.count - 1)
        }
        guard templates.count < Self.templatesMax, differs.count <= 4 * rows else { return nil }
        templates.append(Template(hash: hash, firstRow: row, rows: 1, start: differs.count))
        for _ in range(row) { differs.append(false) }
        table[slot] = UInt32(templates.count)
        if templates.count * 2 > table.count { growTable() }
        return UInt32(templates.count - 1)
    }

    private mutating func growTable() {
        table = [UInt32](repeating: 0, count: table.count * 4)
        for (number, template) in templates.enumerated() {
            var slot = Int(template.hash & UInt64(table.count - 1))
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = UInt32(number + 1)
        }
    }

    /// Whether a row has a template; where it differs from the template's first row is noted.
    private mutating func isLike(_ row: Int, _ template: Template, isBare: Bool) -> Bool {
        let (own, first) = (range(row), range(template.firstRow))
        guard own.count == first.count else { return false }
        for offset in 0..<own.count {
            let (token, other) = (codes[own.lowerBound + offset], codes[first.lowerBound + offset])
            guard token != other else { continue }
            let role = role(token, isBare: isBare)
            guard role == self.role(other, isBare: isBare), role == .slot || role == .variable else { return false }
            if role == .slot { differs[template.start + offset] = true }
        }
        return true
    }

    // MARK: What is written

    /// The tokens of templates and rows, as a block has them.
    struct Written {
        /// A token of a template.
        enum Part {
            /// The same in all rows.
            case token(UInt32)
            /// Each row has its own.
            case slot
        }

        /// The templates, the most frequent first.
        var templates: [[Part]] = []

        /// The number of each row's.
        var templateOfRow: [Int64] = []

        /// The tokens for the slots, one row behind the other, and where each granule's begin.
        var slotTokens: [UInt32] = []
        var slotStarts: [Int] = []
    }

    /// Numbers the templates and takes what differs out of the rows.
    func written() -> Written {
        var written = Written()
        let order = templates.indices.filter { templates[$0].rows > 0 }
            .sorted { (templates[$1].rows, $0) < (templates[$0].rows, $1) }
        var numbers = [Int64](repeating: 0, count: templates.count)
        var slots = [[Int]](repeating: [], count: templates.count)
        for (number, own) in order.enumerated() {
            let template = templates[own]
            numbers[own] = Int64(number)
            let tokens = codes[range(template.firstRow)]
            slots[own] = (0..<tokens.count).filter { differs[template.start + $0] }
            written.templates.append(
                tokens.enumerated().map { differs[template.start + $0] ? .slot : .token($1) }
            )
        }
        written.templateOfRow.reserveCapacity(rows)
        for row in 0..<rows {
            if row % IntegerColumn.granule == 0 { written.slotStarts.append(written.slotTokens.count) }
            let own = Int(templateOfRow[row])
            written.templateOfRow.append(numbers[own])
            let start = Int(codeStarts[row])
            for offset in slots[own] { written.slotTokens.append(codes[start + offset]) }
        }
        return written
    }
}
