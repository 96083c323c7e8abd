import MartletEvents
import MartletSearch

// All words of all conditions narrow the granules first. In those that are left the rarest word is looked for, and what
// is asked for besides is compared at its places, by codes; texts are read only of words told as they are.

extension LogMessages {
    /// A word of a search with what this block knows of it.
    final class Sought {
        let word: WordsTest.Word
        let codes: [Int]
        let isCode: [Bool]
        let granules: [Bool]
        let rows: Int
        let seesVariables: Bool

        /// Which of a granule's codes must be read to know where it stands.
        let streams: MessageCodes.Streams

        init(word: WordsTest.Word, codes: [Int], granules: [Bool], rows: Int, seesVariables: Bool) {
            self.word = word
            self.codes = codes
            self.granules = granules
            self.rows = rows
            self.seesVariables = seesVariables
            var isCode: [Bool] = []
            if codes.count > 4 {
                isCode = [Bool](repeating: false, count: (codes.last ?? -1) + 1)
                for code in codes { isCode[code] = true }
            }
            self.isCode = isCode
            var streams: MessageCodes.Streams = []
            if seesVariables || codes.first ?? .max < CodeGranule.firstLong { streams.insert(.short) }
            if codes.last ?? 0 >= CodeGranule.firstLong { streams.insert(.long) }
            self.streams = streams
        }

        /// Appends the places of a granule that have one of the codes, those of one code in order.
        func findCodes(_ granule: CodeGranule, _ scratch: inout [Int], _ places: inout [CodeGranule.Place]) {
            guard isCode.isEmpty else { return granule.find(where: isCode, &scratch, &places) }
            for code in codes { granule.find(code, &scratch, &places) }
        }

        @inline(__always)
        func isMeant(_ code: Int) -> Bool {
            if isCode.isEmpty {
                for own in codes where own == code { return true }
                return false
            }
            return code >= 0 && code < isCode.count && isCode[code]
        }
    }

    /// Words that stand one after the other, and the one of them that is looked for.
    final class Phrase {
        let words: [Sought]
        let anchor: Int
        let rarest: Sought

        init?(_ words: [Sought]) {
            guard let anchor = words.indices.min(by: { words[$0].rows < words[$1].rows }) else { return nil }
            self.words = words
            self.anchor = anchor
            rarest = words[anchor]
        }

        func mayBe(in granule: Int) -> Bool { words.allSatisfy { $0.granules[granule] } }
    }

    /// A granule that is looked at.
    private struct Looked {
        var number: Int
        var codes: CodeGranule

        /// The places of all codes, and those of a row.
        var bounds: Range<Int>
    }

    /// How many rows have a word, where the dictionary knows that alone.
    func count(_ test: WordsTest) throws(EventError) -> Int? {
        guard test.words.count == 1, let word = test.words.first, !word.isOpen else { return nil }
        if word.hasDigit, reader.file.has(LogSections.variables), try variableGranules(word).contains(true) {
            return nil
        }
        let found = words.find(word)
        // Several spellings may stand in one row.
        return found.indices.count > 1 ? nil : found.rows
    }

    /// The rows whose messages meet all conditions.
    ///
    /// - Complexity: One pass over the short codes, or the lowest bytes of the long ones, of the granules that have all
    ///   words.
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
            if let phrase = Phrase(all) { phrases.append(phrase) }
        }
        phrases.sort { $0.rarest.rows < $1.rarest.rows }
        guard let first = phrases.first else { return among ?? RowSet(rows: reader.count, isFull: true) }
        if let templates { return try rows(phrases, among, templates) }
        guard var rowPlaces else { throw damage }
        let others = Array(phrases.dropFirst())
        // What is not looked for is not read: a code that was not read is none of those that are meant.
        var streams: MessageCodes.Streams = hasShortSeparators ? [] : .all
        for phrase in phrases { for word in phrase.words { streams.formUnion(word.streams) } }
        if phrases.count > 1 || first.words.count > 1 { streams.insert(.short) }
        var (scratch, places): ([Int], [CodeGranule.Place]) = ([], [])
        rowPlaces.isSeldomAsked = first.rarest.rows < reader.count / MessageRows.step
        for number in 0..<reader.granuleCount where phrases.allSatisfy({ $0.mayBe(in: number) }) {
            let rows = reader.rows(of: number)
            if let among, !among.hasAny(in: rows) { continue }
            let codes = try codes(of: number, streams)
            var looked = Looked(number: number, codes: codes, bounds: 0..<codes.count)
            places.removeAll(keepingCapacity: true)
            try find(first.rarest, looked, &scratch, &places)
            var known = 0..<0
            for place in places where !known.contains(place.place) {
                // Most places fail here, before it is known which row they are in.
                looked.bounds = 0..<codes.count
                if first.words.count > 1 {
                    guard try isPhrase(first, at: place, looked) else { continue }
                }
                guard let row = rowPlaces.row(granule: number, ofCode: place.place), row.isWithin(codes.count) else {
                    throw damage
                }
                looked.bounds = row.start..<row.end
                if !(among?.contains(row.number) ?? true) {
                    known = looked.bounds
                    continue
                }
                if first.words.count > 1 {
                    guard try isPhrase(first, at: place, looked) else { continue }
                }
                known = looked.bounds
                if others.isEmpty {
                    result.insert(row.number)
                } else if try hasAll(others, near: place, looked) {
                    result.insert(row.number)
                }
            }
        }
        return result
    }

    /// Whether a row has all phrases; the place is any one of the row.
    private func hasAll(
        _ phrases: [Phrase],
        near place: CodeGranule.Place,
        _ looked: Looked
    ) throws(EventError) -> Bool {
        var first = place
        while first.place > looked.bounds.lowerBound { first = looked.codes.previous(first) }
        for phrase in phrases {
            var (at, isThere) = (first, false)
            while at.place < looked.bounds.upperBound, !isThere {
                if try isMeant(phrase.rarest, at, looked) { isThere = try isPhrase(phrase, at: at, looked) }
                at = looked.codes.next(at)
            }
            guard isThere else { return false }
        }
        return true
    }

    /// Whether all other words stand around the anchor as they should.
    private func isPhrase(
        _ phrase: Phrase,
        at place: CodeGranule.Place,
        _ looked: Looked
    ) throws(EventError) -> Bool {
        let codes = looked.codes
        var at = place
        var index = phrase.anchor
        while index > 0 {
            index -= 1
            repeat {
                guard at.place > looked.bounds.lowerBound else { return false }
                at = codes.previous(at)
            } while isSeparator(codes.code(at))
            guard try isMeant(phrase.words[index], at, looked) else { return false }
        }
        at = place
        index = phrase.anchor + 1
        while index < phrase.words.count {
            repeat {
                at = codes.next(at)
                guard at.place < looked.bounds.upperBound else { return false }
            } while isSeparator(codes.code(at))
            guard try isMeant(phrase.words[index], at, looked) else { return false }
            index += 1
        }
        return true
    }

    @inline(__always)
    private func isMeant(
        _ sought: Sought,
        _ place: CodeGranule.Place,
        _ looked: Looked
    ) throws(EventError) -> Bool {
        let code = looked.codes.code(place)
        guard code == 0 else { return sought.isMeant(code) }
        return try isMeant(variable: sought, place, looked)
    }

    @inline(never)
    private func isMeant(
        variable sought: Sought,
        _ place: CodeGranule.Place,
        _ looked: Looked
    ) throws(EventError) -> Bool {
        guard sought.seesVariables, let text = try variable(at: place.place, looked.number, looked.codes) else {
            return false
        }
        return sought.word.matches(text.span, needsFolding: true)
    }

    /// The places of a word in a granule, those of one code in order.
    private func find(
        _ sought: Sought,
        _ looked: Looked,
        _ scratch: inout [Int],
        _ places: inout [CodeGranule.Place]
    ) throws(EventError) {
        sought.findCodes(looked.codes, &scratch, &places)
        guard sought.seesVariables else { return }
        let zeros = zeros(looked.number, looked.codes)
        try variableTexts(looked.number).forEachNumber(where: { sought.word.matches($0, needsFolding: true) }) {
            if $0 < zeros.count { places.append(zeros[$0]) }
        }
    }

    // MARK: What the block knows of a word

    private func sought(_ word: WordsTest.Word) throws(EventError) -> Sought {
        // A search that looks at ever more of a block asks for the same words again.
        if let known = knownWords[word] { return known }
        let own = try find(word)
        knownWords[word] = own
        return own
    }

    private func find(_ word: WordsTest.Word) throws(EventError) -> Sought {
        let found = words.find(word)
        var (granules, rows) = (found.granules, found.rows)
        let codes = codes(of: found.indices)
        var seesVariables = false
        if word.hasDigit || word.isOpen, reader.file.has(LogSections.variables) {
            for (granule, mayHave) in try variableGranules(word).enumerated() where mayHave {
                granules[granule] = true
                seesVariables = true
                rows += Int(LogVariables.countMax)
            }
        }
        return Sought(
            word: word,
            codes: codes,
            granules: granules,
            rows: rows,
            seesVariables: seesVariables
        )
    }

    /// The codes of words of the dictionary, in order.
    private func codes(of indices: [Int]) -> [Int] {
        if indices.count <= 4 {
            return indices.compactMap { indexOfRank.firstIndex(of: Int64($0)).map { $0 + firstWord } }.sorted()
        }
        var codes: [Int] = []
        var wanted = [Bool](repeating: false, count: words.count)
        for index in indices { wanted[index] = true }
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
                result[granule] = word.isOpen || filter.mayContain(hash)
            }
            from = to
        }
        return result
    }
}
