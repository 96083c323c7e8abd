import MartletEvents
import MartletFiles
import MartletSearch

/// A block's messages: codes, the words they stand for, and the words told as they are.
final class LogMessages {
    /// What stands at a place of a message.
    struct Part {
        var code: Int

        /// Which of the granule's words told as they are is meant, where the code is 0.
        var variable: Int
    }

    let reader: LogBlockReader
    let words: WordDictionary
    let indexOfRank: IntegerColumn

    /// The first code of a word.
    let firstWord: Int

    let separators: [[UInt8]]
    private let codes: MessageCodes

    /// What rows share; `nil` where each row has all of its codes.
    let templates: MessageTemplates?

    /// Where rows are among the codes; `nil` where there are templates.
    private(set) var rowPlaces: MessageRows?

    // What was read last, because records are usually told one after the other.
    private var variables: (granule: Int, texts: VariableTexts) = (-1, VariableTexts())
    private var zeros: (granule: Int, places: [CodeGranule.Place]) = (-1, [])
    private var allWords: (bytes: [UInt8], ends: [Int]) = ([], [])
    private var wordsRead = 0
    private var parts: [Part] = []

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
        guard !file.has(LogSections.templates) else {
            templates = try MessageTemplates(reader)
            return
        }
        templates = nil
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

    /// Reads the codes of a row's message, for as long as no other granule is asked for.
    ///
    /// - Parameters:
    ///   - row: A row of the granule.
    ///   - granule: The granule's number.
    ///   - codes: Its codes; those that were not read come as -1.
    ///   - parts: What they are put into, in place of what is there.
    /// - Throws: `EventError` `damaged`.
    func read(_ row: Int, _ granule: Int, _ codes: CodeGranule, into parts: inout [Part]) throws(EventError) {
        parts.removeAll(keepingCapacity: true)
        guard let templates else { return try readAll(row, granule, codes, into: &parts) }
        let rows = reader.rows(of: granule)
        guard templates.read(granule, rows) else { throw damage }
        let own = templates.row(row - rows.lowerBound)
        var (at, variable) = (own.slot, own.variable)
        guard at <= codes.count else { throw damage }
        var place = codes.place(at)
        for part in templates.parts(own.template) {
            switch part {
            case MessageTemplates.isSlot:
                guard at < codes.count else { throw damage }
                parts.append(Part(code: codes.code(place), variable: 0))
                place = codes.next(place)
                at += 1
            case 0:
                parts.append(Part(code: 0, variable: variable))
                variable += 1
            default: parts.append(Part(code: Int(part), variable: 0))
            }
        }
    }

    private func readAll(
        _ row: Int,
        _ granule: Int,
        _ codes: CodeGranule,
        into parts: inout [Part]
    ) throws(EventError) {
        guard let own = rowPlaces?.row(row), own.isWithin(codes.count) else { throw damage }
        var at = codes.place(own.start)
        var variable = -1
        while at.place < own.end {
            let code = codes.code(at)
            if code == 0 { variable = variable < 0 ? number(ofVariableAt: at.place, granule, codes) : variable + 1 }
            parts.append(Part(code: code, variable: max(0, variable)))
            at = codes.next(at)
        }
    }

    var damage: EventError { reader.file.damaged("its messages make no sense") }

    func isSeparator(_ code: Int) -> Bool { code > 0 && code < firstWord }

    /// Whether all separators take a byte, as nearly always.
    var hasShortSeparators: Bool { firstWord <= CodeGranule.firstLong }

    // MARK: Texts

    /// A row's message.
    func text(_ row: Int) throws(EventError) -> [UInt8] {
        let granule = row / IntegerColumn.granule
        try read(row, granule, try codes(of: granule), into: &parts)
        var (text, isBehindWord): ([UInt8], Bool) = ([], false)
        for part in parts {
            if isSeparator(part.code) {
                text += separators[part.code - 1]
                isBehindWord = false
                continue
            }
            if isBehindWord { text.append(0x20) }
            isBehindWord = true
            if part.code > 0 {
                try append(part.code, to: &text)
            } else if part.code == 0, let own = try variable(part.variable, granule) {
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

    /// The word told as it is that stands at a place, in a block without templates; `nil` where there are too few.
    func variable(at place: Int, _ granule: Int, _ codes: CodeGranule) throws(EventError) -> ArraySlice<UInt8>? {
        try variable(number(ofVariableAt: place, granule, codes), granule)
    }

    /// A word told as it is, by its number in the granule; `nil` where there are too few.
    func variable(_ number: Int, _ granule: Int) throws(EventError) -> ArraySlice<UInt8>? {
        let texts = try variableTexts(granule)
        return number < texts.count ? texts[number] : nil
    }

    private func number(ofVariableAt place: Int, _ granule: Int, _ codes: CodeGranule) -> Int {
        let places = zeros(granule, codes)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where the words that are told as they are stand, in a block without templates.
    func zeros(_ granule: Int, _ codes: CodeGranule) -> [CodeGranule.Place] {
        if zeros.granule == granule { return zeros.places }
        var (scratch, places): ([Int], [CodeGranule.Place]) = ([], [])
        codes.find(0, &scratch, &places)
        zeros = (granule, places)
        return places
    }

    /// The words of a granule that are told as they are, in order.
    func variableTexts(_ granule: Int) throws(EventError) -> VariableTexts {
        if variables.granule == granule { return variables.texts }
        var texts = VariableTexts()
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
                texts = VariableTexts(bytes)
            }
        }
        variables = (granule, texts)
        return texts
    }
}
