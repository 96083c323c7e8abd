import MartletEvents
import MartletSearch

/// A block's messages: planes of codes, the words they stand for, and the words told as they are.
final class LogMessages {
    let reader: LogBlockReader
    let words: WordDictionary
    let indexOfRank: IntegerColumn

    /// The first code of a word.
    let firstWord: Int

    let separators: [[UInt8]]
    private let codes: MessageCodes
    private let starts: IntegerColumn
    private var rowPlaces: MessageRows

    // What was read last, because records are usually told one after the other.
    private var variables: (granule: Int, texts: [[UInt8]]) = (-1, [])
    private var zeros: (granule: Int, places: [Int]) = (-1, [])
    private var allWords: (bytes: [UInt8], ends: [Int]) = ([], [])
    private var wordsRead = 0

    init(_ reader: LogBlockReader) throws(EventError) {
        self.reader = reader
        let file = reader.file
        separators = reader.tables.separators
        firstWord = separators.count + 1
        codes = try MessageCodes(reader)
        guard let words = WordDictionary(try file.column(LogSections.words), granules: reader.granuleCount) else {
            throw file.damaged("its words make no sense")
        }
        self.words = words
        indexOfRank = try reader.integers(LogSections.ranks, words.count)
        starts = try reader.integers(LogSections.codeStarts, reader.granuleCount)
        var marks: IntegerColumn?
        if file.has(LogSections.rowMarks) {
            marks = try reader.integers(LogSections.rowMarks, (reader.count + MessageRows.step - 1) / MessageRows.step)
        }
        rowPlaces = MessageRows(
            lengths: try reader.integers(LogSections.lengths, reader.count),
            marks: marks,
            rows: reader.count
        )
    }

    /// Where a granule's codes are, which can be read from then on.
    func codes(of granule: Int) throws(EventError) -> Range<Int> {
        let start = Int(starts[granule])
        let end = granule + 1 < reader.granuleCount ? Int(starts[granule + 1]) : codes.count
        guard start >= 0, start <= end, end <= codes.count else {
            throw reader.file.damaged("its messages make no sense")
        }
        try codes.read(granule, start..<end, reader)
        return start..<end
    }

    /// The row that has a code of a granule, and where its codes are.
    func row(ofCode place: Int, _ granule: Int, _ range: Range<Int>) throws(EventError) -> (row: Int, Range<Int>) {
        guard let row = rowPlaces.row(granule: granule, ofCode: place - range.lowerBound) else {
            throw reader.file.damaged("its messages make no sense")
        }
        return (row.number, try codes(of: row, range))
    }

    /// Where a row's codes are.
    func codes(ofRow row: Int, _ range: Range<Int>) throws(EventError) -> Range<Int> {
        guard let own = rowPlaces.row(row) else { throw reader.file.damaged("its messages make no sense") }
        return try codes(of: own, range)
    }

    private func codes(of row: MessageRows.Row, _ range: Range<Int>) throws(EventError) -> Range<Int> {
        guard row.start >= 0, row.start <= row.end, row.end <= range.count else {
            throw reader.file.damaged("its messages make no sense")
        }
        return (range.lowerBound + row.start)..<(range.lowerBound + row.end)
    }

    @inline(__always)
    func code(_ place: Int) -> Int { codes[place] }

    func isSeparator(_ code: Int) -> Bool { code > 0 && code < firstWord }

    /// Finds a code.
    func find(_ code: Int, _ range: Range<Int>, _ places: inout [Int]) { codes.find(code, range, &places) }

    // MARK: Texts

    /// A row's message.
    func text(_ row: Int) throws(EventError) -> [UInt8] {
        let granule = row / IntegerColumn.granule
        let range = try codes(of: granule)
        var (text, isBehindWord): ([UInt8], Bool) = ([], false)
        for place in try codes(ofRow: row, range) {
            let code = code(place)
            if isSeparator(code) {
                text += separators[code - 1]
                isBehindWord = false
                continue
            }
            if isBehindWord { text.append(0x20) }
            isBehindWord = true
            if code > 0 {
                try append(code, to: &text)
            } else if let own = try variable(at: place, granule, range) {
                text += own
            } else {
                throw reader.file.damaged("a message lacks a word")
            }
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
            guard index < allWords.ends.count else {
                throw reader.file.damaged("a message has a word that is unknown")
            }
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

    /// The word told as it is that stands at a place; `nil` where there are too few.
    func variable(at place: Int, _ granule: Int, _ range: Range<Int>) throws(EventError) -> [UInt8]? {
        if zeros.granule != granule {
            var places: [Int] = []
            find(0, range, &places)
            zeros = (granule, places)
        }
        var (low, high) = (0, zeros.places.count)
        while low < high {
            let middle = (low + high) / 2
            if zeros.places[middle] < place { low = middle + 1 } else { high = middle }
        }
        let texts = try variableTexts(granule)
        return low < texts.count ? texts[low] : nil
    }

    /// The words of a granule that are told as they are, in order.
    func variableTexts(_ granule: Int) throws(EventError) -> [[UInt8]] {
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
}
