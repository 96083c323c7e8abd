import MartletEvents
import MartletSearch

// All words of all conditions narrow the granules first. In those that are left the rarest word is looked for, and what
// is asked for besides is compared at its places, by numbers of words; texts are read only of words told as they are.

extension LogMessages {
    /// A word of a search with what this block knows of it.
    private struct Sought {
        var word: WordsTest.Word
        var codes: [Int]
        var isCode: [Bool]
        var granules: [Bool]
        var rows: Int
        var seesVariables: Bool

        @inline(__always)
        func isMeant(_ code: Int) -> Bool {
            if isCode.isEmpty {
                for own in codes where own == code { return true }
                return false
            }
            return code < isCode.count && isCode[code]
        }
    }

    /// Words that stand one after the other, and the one of them that is looked for.
    private struct Phrase {
        var words: [Sought]
        var anchor: Int

        init(_ words: [Sought]) {
            self.words = words
            anchor = words.indices.min { words[$0].rows < words[$1].rows } ?? 0
        }

        var rows: Int { words[anchor].rows }
        func mayBe(in granule: Int) -> Bool { words.allSatisfy { $0.granules[granule] } }
    }

    /// How many rows have a word, where the dictionary knows that alone.
    func count(_ test: WordsTest) throws(EventError) -> Int? {
        guard test.words.count == 1, let word = test.words.first, !word.isPrefix else { return nil }
        if word.hasDigit, reader.file.has(LogSections.variables), try variableGranules(word).contains(true) {
            return nil
        }
        let entries = words.entries(word)
        // Several spellings may stand in one row.
        return entries.count > 1 ? nil : entries.first?.rows ?? 0
    }

    /// The rows whose messages meet all conditions.
    ///
    /// - Complexity: One pass over the first plane of the granules that have all words.
    func rows(_ tests: [WordsTest], _ among: RowSet?) throws(EventError) -> RowSet {
        var result = RowSet(rows: reader.count)
        var phrases: [Phrase] = []
        for test in tests {
            var all: [Sought] = []
            for word in test.words {
                let own = try sought(word)
                guard own.granules.contains(true) else { return result }
                all.append(own)
            }
            if !all.isEmpty { phrases.append(Phrase(all)) }
        }
        phrases.sort { $0.rows < $1.rows }
        guard let first = phrases.first else { return among ?? RowSet(rows: reader.count, isFull: true) }
        let others = phrases.dropFirst()
        var places: [Int] = []
        for granule in 0..<reader.granuleCount where phrases.allSatisfy({ $0.mayBe(in: granule) }) {
            if let among, !among.hasAny(in: reader.rows(of: granule)) { continue }
            let range = try codes(of: granule)
            try find(first.words[first.anchor], granule, range, &places)
            var known = -1
            for place in places where place >= known {
                // Most places fail here, before it is known which row they are in.
                guard try isPhrase(first, at: place, in: range, granule, range) else { continue }
                let (row, bounds) = try row(ofCode: place, granule, range)
                if !(among?.contains(row) ?? true) {
                    known = bounds.upperBound
                    continue
                }
                guard try isPhrase(first, at: place, in: bounds, granule, range) else { continue }
                known = bounds.upperBound
                if try hasAll(others, in: bounds, granule, range) { result.insert(row) }
            }
        }
        return result
    }

    /// Whether a row has all phrases.
    private func hasAll(
        _ phrases: ArraySlice<Phrase>,
        in bounds: Range<Int>,
        _ granule: Int,
        _ range: Range<Int>
    ) throws(EventError) -> Bool {
        for phrase in phrases {
            var isThere = false
            for place in bounds {
                guard try isMeant(phrase.words[phrase.anchor], place, granule, range),
                    try isPhrase(phrase, at: place, in: bounds, granule, range)
                else { continue }
                isThere = true
                break
            }
            guard isThere else { return false }
        }
        return true
    }

    /// Whether all other words stand around the anchor as they should.
    private func isPhrase(
        _ phrase: Phrase,
        at place: Int,
        in bounds: Range<Int>,
        _ granule: Int,
        _ range: Range<Int>
    ) throws(EventError) -> Bool {
        guard phrase.words.count > 1 else { return true }
        var at = place
        for index in (0..<phrase.anchor).reversed() {
            repeat { at -= 1 } while at >= bounds.lowerBound && isSeparator(code(at))
            guard at >= bounds.lowerBound, try isMeant(phrase.words[index], at, granule, range) else { return false }
        }
        at = place
        for index in (phrase.anchor + 1)..<max(phrase.anchor + 1, phrase.words.count) {
            repeat { at += 1 } while at < bounds.upperBound && isSeparator(code(at))
            guard at < bounds.upperBound, try isMeant(phrase.words[index], at, granule, range) else { return false }
        }
        return true
    }

    private func isMeant(
        _ sought: Sought,
        _ place: Int,
        _ granule: Int,
        _ range: Range<Int>
    ) throws(EventError) -> Bool {
        let code = code(place)
        guard code == 0 else { return sought.isMeant(code) }
        guard sought.seesVariables, let text = try variable(at: place, granule, range) else { return false }
        return sought.word.matches(text.span, needsFolding: true)
    }

    /// The places of a word in a granule, in order.
    private func find(
        _ sought: Sought,
        _ granule: Int,
        _ range: Range<Int>,
        _ places: inout [Int]
    ) throws(EventError) {
        places.removeAll(keepingCapacity: true)
        if sought.codes.count <= 4 {
            for code in sought.codes { find(code, range, &places) }
            if sought.codes.count > 1 { places.sort() }
        } else {
            for place in range where sought.isMeant(code(place)) { places.append(place) }
        }
        guard sought.seesVariables else { return }
        let texts = try variableTexts(granule)
        var wanted = [Bool](repeating: false, count: texts.count)
        for (number, text) in texts.enumerated() {
            wanted[number] = sought.word.matches(text.span, needsFolding: true)
        }
        guard wanted.contains(true) else { return }
        var zeros: [Int] = []
        find(0, range, &zeros)
        for (number, place) in zeros.enumerated() where number < wanted.count && wanted[number] { places.append(place) }
        places.sort()
    }

    // MARK: What the block knows of a word

    private func sought(_ word: WordsTest.Word) throws(EventError) -> Sought {
        let entries = words.entries(word)
        var granules = [Bool](repeating: false, count: reader.granuleCount)
        var rows = 0
        for entry in entries {
            rows += entry.rows
            for granule in entry.granules { granules[granule] = true }
        }
        let codes = codes(of: entries)
        var isCode: [Bool] = []
        if codes.count > 4 {
            isCode = [Bool](repeating: false, count: (codes.last ?? -1) + 1)
            for code in codes { isCode[code] = true }
        }
        var seesVariables = false
        if word.hasDigit || word.isPrefix, reader.file.has(LogSections.variables) {
            for (granule, mayHave) in try variableGranules(word).enumerated() where mayHave {
                granules[granule] = true
                seesVariables = true
                rows += Int(LogVariables.countMax)
            }
        }
        return Sought(
            word: word,
            codes: codes,
            isCode: isCode,
            granules: granules,
            rows: rows,
            seesVariables: seesVariables
        )
    }

    /// The codes of words of the dictionary, in order.
    private func codes(of entries: [WordDictionary.Entry]) -> [Int] {
        if entries.count <= 4 {
            return entries.compactMap { indexOfRank.firstIndex(of: Int64($0.index)).map { $0 + firstWord } }.sorted()
        }
        var codes: [Int] = []
        var wanted = [Bool](repeating: false, count: words.count)
        for entry in entries { wanted[entry.index] = true }
        let first = firstWord
        indexOfRank.forEach(in: 0..<indexOfRank.count) { rank, index in
            if index >= 0, index < wanted.count, wanted[Int(index)] { codes.append(rank + first) }
        }
        return codes
    }

    /// The granules that may have a word among those told as they are.
    private func variableGranules(_ word: WordsTest.Word) throws(EventError) -> [Bool] {
        let hash = LogVariables.hash(word.text.span)
        let ends = try reader.integers(LogSections.variableFilterEnds, reader.granuleCount)
        let filters = try reader.file.column(LogSections.variableFilters)
        var result = [Bool](repeating: false, count: reader.granuleCount)
        var from = 0
        for granule in 0..<reader.granuleCount {
            let to = Int(ends[granule])
            guard from >= 0, from <= to, to <= filters.count else {
                throw reader.file.damaged("its filters make no sense")
            }
            if from < to {
                guard let filter = IDFilter(filters.part(from..<to)) else {
                    throw reader.file.damaged("its filters make no sense")
                }
                result[granule] = word.isPrefix || filter.mayContain(hash)
            }
            from = to
        }
        return result
    }
}
