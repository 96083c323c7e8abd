import MartletEvents
import MartletSearch

/// A block's messages: planes of codes, the words they stand for, and the words told as they are.
final class LogMessages {
    private let reader: LogBlockReader
    private let words: WordDictionary
    private let indexOfRank: IntegerColumn
    private let separators: [[UInt8]]
    private let planes: ColumnBytes
    private let planeCount: Int
    private let lengths: IntegerColumn
    private let starts: IntegerColumn
    private let codeCount: Int
    private var variables: (granule: Int, texts: [[UInt8]]) = (-1, [])
    private var ends: (granule: Int, ends: [Int]) = (-1, [])
    private var allWords: (bytes: [UInt8], ends: [Int]) = ([], [])
    private var wordsRead = 0

    /// The first code of a word.
    private let firstWord: Int

    init(_ reader: LogBlockReader) throws(EventError) {
        self.reader = reader
        let file = reader.file
        separators = reader.tables.separators
        firstWord = separators.count + 1
        planeCount = file.has(LogSections.planes(3)) ? 3 : 2
        planes = try file.column(LogSections.planes(planeCount))
        codeCount = planes.count / planeCount
        guard let words = WordDictionary(try file.column(LogSections.words), granules: reader.granuleCount) else {
            throw file.damaged("its words make no sense")
        }
        self.words = words
        indexOfRank = try reader.integers(LogSections.ranks, words.count)
        lengths = try reader.integers(LogSections.lengths, reader.count)
        starts = try reader.integers(LogSections.codeStarts, reader.granuleCount)
    }

    /// Where a granule's codes are.
    private func codes(of granule: Int) throws(EventError) -> Range<Int> {
        let start = Int(starts[granule])
        let end = granule + 1 < reader.granuleCount ? Int(starts[granule + 1]) : codeCount
        guard start >= 0, start <= end, end <= codeCount else {
            throw reader.file.damaged("its messages make no sense")
        }
        return start..<end
    }

    /// Where each row of a granule ends, from the granule's first code.
    private func rowEnds(_ granule: Int) throws(EventError) -> [Int] {
        if ends.granule == granule { return ends.ends }
        let rows = reader.rows(of: granule)
        var result: [Int] = []
        result.reserveCapacity(rows.count)
        var end = 0
        lengths.forEach(in: rows) { _, length in
            end += Int(truncatingIfNeeded: length)
            result.append(end)
        }
        guard end == (try codes(of: granule)).count else { throw reader.file.damaged("its messages make no sense") }
        ends = (granule, result)
        return result
    }

    private func code(_ place: Int) -> Int {
        planes.withBytes { planes in
            let code = Int(planes[place]) | Int(planes[codeCount + place]) << 8
            return planeCount == 2 ? code : code | Int(planes[2 * codeCount + place]) << 16
        }
    }

    // MARK: Texts

    /// A row's message.
    func text(_ row: Int) throws(EventError) -> [UInt8] {
        let granule = row / IntegerColumn.granule
        let range = try codes(of: granule)
        let ends = try rowEnds(granule)
        let own = row % IntegerColumn.granule
        let (start, end) = (range.lowerBound + (own == 0 ? 0 : ends[own - 1]), range.lowerBound + ends[own])
        var (text, isBehindWord): ([UInt8], Bool) = ([], false)
        var variable: Int?
        for place in start..<end {
            let code = code(place)
            if code > 0, code < firstWord {
                text += separators[code - 1]
                isBehindWord = false
                continue
            }
            if isBehindWord { text.append(0x20) }
            isBehindWord = true
            if code > 0 {
                try append(code, to: &text)
                continue
            }
            let number = variable ?? zeros(range.lowerBound..<place)
            variable = number + 1
            let texts = try variableTexts(granule)
            guard number < texts.count else { throw reader.file.damaged("a message lacks a word") }
            text += texts[number]
        }
        return text
    }

    /// Appends a word.
    private func append(_ code: Int, to text: inout [UInt8]) throws(EventError) {
        guard code - firstWord < indexOfRank.count else {
            throw reader.file.damaged("a message has a word that is unknown")
        }
        let index = Int(indexOfRank[code - firstWord])
        guard index >= 0, index < words.count else { throw reader.file.damaged("a message has a word that is unknown") }
        if !allWords.ends.isEmpty {
            let start = index == 0 ? 0 : allWords.ends[index - 1]
            text += allWords.bytes[start..<allWords.ends[index]]
            return
        }
        wordsRead += 1
        if wordsRead > 4096 {
            // Somebody reads everything: one pass is cheaper than many looks.
            words.forEach { _, word in
                allWords.bytes += word
                allWords.ends.append(allWords.bytes.count)
            }
        }
        text += words.text(index)
    }

    /// How many words of a range are told as they are.
    private func zeros(_ range: Range<Int>) -> Int {
        var count = 0
        for place in range where code(place) == 0 { count += 1 }
        return count
    }

    private func variableTexts(_ granule: Int) throws(EventError) -> [[UInt8]] {
        if variables.granule == granule { return variables.texts }
        var texts: [[UInt8]] = []
        if reader.file.has(LogSections.variables) {
            let ends = try reader.integers(LogSections.variableEnds, reader.granuleCount)
            let content = try reader.file.column(LogSections.variables)
            let (from, to) = (granule == 0 ? 0 : Int(ends[granule - 1]), Int(ends[granule]))
            guard from >= 0, from <= to, to <= content.count else {
                throw reader.file.damaged("its numbers make no sense")
            }
            if from < to {
                let codec = reader.block.codec
                guard let bytes = content.withBytes({ PackedBytes.read($0.extracting(from..<to), codec) }) else {
                    throw reader.file.damaged("its numbers make no sense")
                }
                var at = 0
                while at < bytes.count {
                    guard let size = bytes.span.varint(&at), size <= UInt64(bytes.count - at) else { break }
                    texts.append(Array(bytes[at..<(at + Int(size))]))
                    at += Int(size)
                }
            }
        }
        variables = (granule, texts)
        return texts
    }

    // MARK: Search

    /// A word of a search with what this block knows of it.
    private struct Sought {
        var word: WordsTest.Word
        var codes: [Int]
        var isCode: [Bool]
        var granules: [Bool]
        var granuleCount: Int
        var seesVariables: Bool

        func isMeant(_ code: Int) -> Bool { code < isCode.count && isCode[code] }
    }

    private func sought(_ word: WordsTest.Word) throws(EventError) -> Sought {
        let entries = words.entries(word)
        var granules = [Bool](repeating: false, count: reader.granuleCount)
        for entry in entries { for granule in entry.granules { granules[granule] = true } }
        var codes: [Int] = []
        if !entries.isEmpty {
            var wanted = [Bool](repeating: false, count: words.count)
            for entry in entries { wanted[entry.index] = true }
            var left = entries.count
            let first = firstWord
            indexOfRank.forEach(in: 0..<indexOfRank.count) { rank, index in
                if left > 0, index >= 0, index < wanted.count, wanted[Int(index)] {
                    codes.append(rank + first)
                    left -= 1
                }
            }
        }
        var isCode = [Bool](repeating: false, count: (codes.last ?? -1) + 1)
        for code in codes { isCode[code] = true }
        var seesVariables = false
        if word.hasDigit || word.isPrefix, reader.file.has(LogSections.variables) {
            for (granule, mayHave) in try variableGranules(word).enumerated() where mayHave {
                granules[granule] = true
                seesVariables = true
            }
        }
        return Sought(
            word: word,
            codes: codes,
            isCode: isCode,
            granules: granules,
            granuleCount: granules.count { $0 },
            seesVariables: seesVariables
        )
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

    /// The rows whose messages have some words one after the other.
    func rows(_ test: WordsTest, _ among: RowSet?) throws(EventError) -> RowSet {
        var result = RowSet(rows: reader.count)
        var all: [Sought] = []
        for word in test.words {
            let own = try sought(word)
            guard own.granuleCount > 0 else { return result }
            all.append(own)
        }
        // The rarest word is looked for; at its places the others are compared.
        let anchor = all.indices.min { all[$0].granuleCount < all[$1].granuleCount } ?? 0
        for granule in 0..<reader.granuleCount where all.allSatisfy({ $0.granules[granule] }) {
            let rows = reader.rows(of: granule)
            if let among, !among.hasAny(in: rows) { continue }
            let range = try codes(of: granule)
            let places = try places(of: all[anchor], granule, range)
            guard !places.isEmpty else { continue }
            let ends = try rowEnds(granule)
            var row = 0
            for place in places {
                let offset = place - range.lowerBound
                while row < ends.count, ends[row] <= offset { row += 1 }
                guard row < ends.count else { break }
                let own = rows.lowerBound + row
                if result.contains(own) || !(among?.contains(own) ?? true) { continue }
                if all.count == 1 {
                    result.insert(own)
                    continue
                }
                let start = range.lowerBound + (row == 0 ? 0 : ends[row - 1])
                let bounds = start..<(range.lowerBound + ends[row])
                if try isPhrase(all, anchor, at: place, in: bounds, granule, range) { result.insert(own) }
            }
        }
        return result
    }

    /// Whether all other words stand around the anchor as they should.
    private func isPhrase(
        _ all: [Sought],
        _ anchor: Int,
        at place: Int,
        in bounds: Range<Int>,
        _ granule: Int,
        _ range: Range<Int>
    ) throws(EventError) -> Bool {
        var at = place
        for index in (0..<anchor).reversed() {
            repeat { at -= 1 } while at >= bounds.lowerBound && isSeparator(code(at))
            guard at >= bounds.lowerBound, try isMeant(all[index], at, granule, range) else { return false }
        }
        at = place
        for index in (anchor + 1)..<max(anchor + 1, all.count) {
            repeat { at += 1 } while at < bounds.upperBound && isSeparator(code(at))
            guard at < bounds.upperBound, try isMeant(all[index], at, granule, range) else { return false }
        }
        return true
    }

    private func isSeparator(_ code: Int) -> Bool { code > 0 && code < firstWord }

    private func isMeant(
        _ sought: Sought,
        _ place: Int,
        _ granule: Int,
        _ range: Range<Int>
    ) throws(EventError) -> Bool {
        let code = code(place)
        guard code == 0 else { return sought.isMeant(code) }
        guard sought.seesVariables else { return false }
        let number = zeros(range.lowerBound..<place)
        let texts = try variableTexts(granule)
        guard number < texts.count else { return false }
        let text = texts[number]
        return sought.word.matches(text.span, needsFolding: true)
    }

    /// The places of a word in a granule, in order.
    private func places(of sought: Sought, _ granule: Int, _ range: Range<Int>) throws(EventError) -> [Int] {
        var places: [Int] = []
        if sought.codes.count == 1, planeCount == 2 {
            find(sought.codes[0], range, &places)
        } else if !sought.codes.isEmpty {
            for place in range where sought.isMeant(code(place)) { places.append(place) }
        }
        guard sought.seesVariables else { return places }
        let texts = try variableTexts(granule)
        var wanted = [Bool](repeating: false, count: texts.count)
        for (number, text) in texts.enumerated() {
            wanted[number] = sought.word.matches(text.span, needsFolding: true)
        }
        guard wanted.contains(true) else { return places }
        var zeros: [Int] = []
        if planeCount == 2 {
            find(0, range, &zeros)
        } else {
            for place in range where code(place) == 0 { zeros.append(place) }
        }
        for (number, place) in zeros.enumerated() where number < wanted.count && wanted[number] { places.append(place) }
        return places.sorted()
    }

    /// Finds a code of two bytes.
    private func find(_ code: Int, _ range: Range<Int>, _ places: inout [Int]) {
        let count = codeCount
        places += planes.withBytes { PlaneScan.places(of: code, in: range, $0, codeCount: count) }
    }
}
