import MartletEvents
import MartletSearch

// A template says of most rows at once whether they meet a search. Only where a word may stand in a slot, the granule's
// slots are searched for it, and rows that have it there are compared one by one.

extension LogMessages {
    /// What a template says of its rows.
    private enum Verdict: UInt8 {
        case none = 0
        case all = 1
        /// Those that have a sought word in a slot, or told as it is, may be meant.
        case some = 2
    }

    /// How many words of a search are looked for in slots; with more, all rows that may be meant are compared.
    private static let wordsMax = 16

    /// The rows whose messages have all phrases.
    func rows(
        _ phrases: [Phrase],
        _ among: RowSet?,
        _ templates: MessageTemplates
    ) throws(EventError) -> RowSet {
        var result = RowSet(rows: reader.count)
        let verdicts = (0..<templates.count).map { verdict(phrases, templates.parts($0)) }
        guard verdicts.contains(where: { $0 != .none }) else { return result }
        let words = phrases.flatMap(\.words)
        var streams: MessageCodes.Streams = []
        for word in words { streams.formUnion(word.streams) }
        var (scratch, places, parts): ([Int], [CodeGranule.Place], [Part]) = ([], [], [])
        // A bit for each row of a granule.
        var candidates = [UInt64](repeating: 0, count: IntegerColumn.granule / 64)
        var found = candidates
        for number in 0..<reader.granuleCount where phrases.allSatisfy({ $0.mayBe(in: number) }) {
            let rows = reader.rows(of: number)
            if let among, !among.hasAny(in: rows) { continue }
            guard templates.read(number, rows) else { throw damage }
            guard mark(templates.templates, verdicts, rows.lowerBound, &result, &candidates) else { continue }
            let codes = try codes(of: number, streams)
            if words.count <= Self.wordsMax {
                for word in found.indices { found[word] = 0 }
                for word in words {
                    places.removeAll(keepingCapacity: true)
                    try findRows(word, number, codes, templates, &scratch, &places, &found)
                }
                for word in candidates.indices { candidates[word] &= found[word] }
            }
            for word in candidates.indices {
                var rest = candidates[word]
                while rest != 0 {
                    let row = rows.lowerBound + word * 64 + rest.trailingZeroBitCount
                    rest &= rest - 1
                    guard among?.contains(row) ?? true else { continue }
                    try read(row, number, codes, into: &parts)
                    if try hasAll(phrases, parts, number) { result.insert(row) }
                }
            }
        }
        if let among { result.formIntersection(among) }
        return result
    }

    /// Marks the rows of a granule that are meant, and those that may be.
    ///
    /// - Returns: Whether there are such that may be.
    private func mark(
        _ templates: [Int],
        _ verdicts: [Verdict],
        _ firstRow: Int,
        _ result: inout RowSet,
        _ candidates: inout [UInt64]
    ) -> Bool {
        var any: UInt64 = 0
        for first in stride(from: 0, to: templates.count, by: 64) {
            var (all, some): (UInt64, UInt64) = (0, 0)
            for place in first..<min(first + 64, templates.count) {
                let verdict = UInt64(verdicts[templates[place]].rawValue)
                all |= (verdict & 1) << UInt64(place &- first)
                some |= (verdict >> 1) << UInt64(place &- first)
            }
            result.insert(all, from: firstRow + first)
            candidates[first >> 6] = some
            any |= some
        }
        for word in ((templates.count + 63) / 64)..<candidates.count { candidates[word] = 0 }
        return any != 0
    }

    /// Marks the rows that have a word in a slot or told as it is.
    private func findRows(
        _ sought: Sought,
        _ granule: Int,
        _ codes: CodeGranule,
        _ templates: MessageTemplates,
        _ scratch: inout [Int],
        _ places: inout [CodeGranule.Place],
        _ found: inout [UInt64]
    ) throws(EventError) {
        sought.findCodes(codes, &scratch, &places)
        for place in places {
            guard let row = templates.row(ofSlot: place.place) else { throw damage }
            found[row >> 6] |= 1 << UInt64(row & 63)
        }
        guard sought.seesVariables else { return }
        try variableTexts(granule).forEachNumber(where: { sought.word.matches($0, needsFolding: true) }) { number in
            // Words that no row has a place for are of no row.
            guard let row = templates.row(ofVariable: number) else { return }
            found[row >> 6] |= 1 << UInt64(row & 63)
        }
    }

    // MARK: One message

    /// Whether a message has all phrases.
    private func hasAll(_ phrases: [Phrase], _ parts: [Part], _ granule: Int) throws(EventError) -> Bool {
        for phrase in phrases {
            var isThere = false
            for start in parts.indices where !isThere { isThere = try isPhrase(phrase, parts, start, granule) }
            guard isThere else { return false }
        }
        return true
    }

    /// Whether a phrase begins at a part of a message.
    private func isPhrase(
        _ phrase: Phrase,
        _ parts: [Part],
        _ start: Int,
        _ granule: Int
    ) throws(EventError) -> Bool {
        var place = start
        for (index, word) in phrase.words.enumerated() {
            if index > 0 { while place < parts.count, isSeparator(parts[place].code) { place += 1 } }
            guard place < parts.count else { return false }
            let part = parts[place]
            if part.code == 0 {
                guard word.seesVariables, let text = try variable(part.variable, granule),
                    word.word.matches(text.span, needsFolding: true)
                else { return false }
            } else {
                guard word.isMeant(part.code) else { return false }
            }
            place += 1
        }
        return true
    }

    // MARK: A template

    private func verdict(_ phrases: [Phrase], _ parts: ArraySlice<Int32>) -> Verdict {
        var verdict = Verdict.all
        for phrase in phrases {
            var own = Verdict.none
            for start in parts.indices where own != .all {
                switch self.verdict(phrase, parts[start...]) {
                case .all: own = .all
                case .some: own = .some
                case .none: break
                }
            }
            switch own {
            case .none: return .none
            case .some: verdict = .some
            case .all: break
            }
        }
        return verdict
    }

    /// What the beginning of some parts says of a phrase.
    private func verdict(_ phrase: Phrase, _ parts: ArraySlice<Int32>) -> Verdict {
        var verdict = Verdict.all
        var place = parts.startIndex
        for (index, word) in phrase.words.enumerated() {
            if index > 0 { while place < parts.endIndex, isSeparator(Int(parts[place])) { place += 1 } }
            guard place < parts.endIndex else { return .none }
            switch parts[place] {
            case MessageTemplates.isSlot:
                guard !word.codes.isEmpty else { return .none }
                verdict = .some
            case 0:
                guard word.seesVariables else { return .none }
                verdict = .some
            case let code:
                guard word.isMeant(Int(code)) else { return .none }
            }
            place += 1
        }
        return verdict
    }
}
