import MartletEvents
import MartletFiles
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
    private(set) var rowPlaces: MessageRows

    // What was read last, because records are usually told one after the other.
    private var variables: (granule: Int, texts: [[UInt8]]) = (-1, [])
    private var zeros: (granule: Int, places: [CodeGranule.Place]) = (-1, [])
    private var allWords: (bytes: [UInt8], ends: [Int]) = ([], [])
    private var wordsRead = 0

    /// The words of the search, as far as they were looked up.
    var knownWords: [WordsTest.Word: Sought] = [:]

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

    /// A granule's codes, good until the next granule is asked for.
    func codes(of granule: Int, _ wanted: MessageCodes.Streams = .all) throws(EventError) -> CodeGranule {
        try codes.granule(granule, wanted)
    }

    /// A row by its number.
    func row(_ number: Int, _ codes: CodeGranule) throws(EventError) -> MessageRows.Row {
        guard let row = rowPlaces.row(number), row.isWithin(codes.count) else {
            throw reader.file.damaged("its messages make no sense")
        }
        return row
    }

    func isSeparator(_ code: Int) -> Bool { code > 0 && code < firstWord }

    /// Whether all separators take a byte, as nearly always.
    var hasShortSeparators: Bool { firstWord <= CodeGranule.firstLong }

    // MARK: Texts

    /// A row's message.
    func text(_ row: Int) throws(EventError) -> [UInt8] {
        let granule = row / IntegerColumn.granule
        let codes = try codes(of: granule)
        let own = try self.row(row, codes)
        var (text, isBehindWord): ([UInt8], Bool) = ([], false)
        var at = codes.place(own.start)
        while at.place < own.end {
            let code = codes.code(at)
            defer { at = codes.next(at) }
            if isSeparator(code) {
                text += separators[code - 1]
                isBehindWord = false
                continue
            }
            if isBehindWord { text.append(0x20) }
            isBehindWord = true
            if code > 0 {
                try append(code, to: &text)
            } else if code == 0, let own = try variable(at: at.place, granule, codes) {
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
    func variable(at place: Int, _ granule: Int, _ codes: CodeGranule) throws(EventError) -> [UInt8]? {
        let places = zeros(granule, codes)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].place < place { low = middle + 1 } else { high = middle }
        }
        let texts = try variableTexts(granule)
        return low < texts.count ? texts[low] : nil
    }

    /// Where the words that are told as they are stand.
    func zeros(_ granule: Int, _ codes: CodeGranule) -> [CodeGranule.Place] {
        if zeros.granule == granule { return zeros.places }
        var (scratch, places): ([Int], [CodeGranule.Place]) = ([], [])
        codes.find(0, &scratch, &places)
        zeros = (granule, places)
        return places
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
