import MartletEvents
import MartletFiles
import MartletSearch

// Messages are codes of one to three bytes. Code 0 is a word that is told as it is; then come what parts words, then the
// words, the most frequent first, so that most codes take a byte. Where messages share templates, a row has the codes of
// the words by which it differs, and the most frequent of these come first.

extension LogTable {
    /// How often a token comes, in how many rows and granules, and the last row seen.
    private struct Use {
        var count: UInt32 = 0
        var rows: UInt32 = 0
        var granules: UInt32 = 0
        var lastRow: UInt32 = .max
    }

    /// How often each token comes, and the different ones of each granule, one granule behind the other.
    private struct Uses {
        var tokens: [Use]
        var inGranules: [UInt32]
        var granuleEnds: [Int]
    }

    /// How often each token comes, and which code it gets.
    private struct Ranking {
        var uses: Uses
        var rank: [UInt32]
        var separators: [UInt32] = []
        var words: [UInt32] = []
    }

    func writeMessages(to block: BlockWriter, isCold: Bool) {
        var ranking = rank()
        let granules = (count + IntegerColumn.granule - 1) / IntegerColumn.granule
        if let forms = MessageForms(codes: codes, codeStarts: codeStarts, roles: roles(ranking), seed: seed)?.written()
        {
            rank(&ranking, forms.slotTokens)
            writeTemplates(forms, ranking, to: block)
            writeCodes(forms.slotTokens, forms.slotStarts, ranking, isCold, to: block)
        } else {
            writeCodes(codes, writeLengths(to: block), ranking, isCold, to: block)
        }
        writeWords(ranking, granules: granules, to: block)
        writeVariables(ranking, granules: granules, to: block)
        var separators: [UInt8] = []
        separators.append(varint: UInt64(ranking.separators.count))
        for code in ranking.separators {
            tokens.withText(code) { text in
                separators.append(varint: UInt64(text.count))
                separators.append(span: text)
            }
        }
        block.add(LogSections.separators, separators)
    }

    /// Counts all tokens in one pass.
    private func uses() -> Uses {
        var granuleEnds: [Int] = []
        var found = [Use](repeating: Use(), count: tokens.count)
        let shift = UInt32(IntegerColumn.granule.trailingZeroBitCount)
        // Safety: the codes are numbers of tokens, of which there are as many as uses, and at most all codes are kept.
        let inGranules = unsafe [UInt32](unsafeUninitializedCapacity: codes.count) { kept, keptCount in
            var end = 0
            unsafe found.withUnsafeMutableBufferPointer { found in
                for row in 0..<UInt32(count) {
                    if row > 0, row & (1 << shift - 1) == 0 { granuleEnds.append(end) }
                    for place in Int(codeStarts[Int(row)])..<Int(codeStarts[Int(row) + 1]) {
                        // No branch follows what is new: half of the tokens are, in no order.
                        let code = codes[place]
                        var use = unsafe found[Int(code)]
                        let isNew: UInt32 = (use.lastRow ^ row) >> shift != 0 ? 1 : 0
                        unsafe kept[end] = code
                        end &+= Int(isNew)
                        use.count &+= 1
                        use.granules &+= isNew
                        use.rows &+= use.lastRow != row ? 1 : 0
                        use.lastRow = row
                        unsafe found[Int(code)] = use
                    }
                }
            }
            keptCount = end
        }
        granuleEnds.append(inGranules.count)
        return Uses(tokens: found, inGranules: inGranules, granuleEnds: granuleEnds)
    }

    private func rank() -> Ranking {
        let found = uses()
        let uses = found.tokens
        var ranking = Ranking(uses: found, rank: [UInt32](repeating: 0, count: tokens.count))
        for code in 0..<UInt32(tokens.count) where uses[Int(code)].count > 0 {
            let flags = tokenFlags[Int(code)]
            if flags & Self.isWord == 0 {
                ranking.separators.append(code)
            } else if flags & Self.hasDigit == 0 || uses[Int(code)].count > LogVariables.countMax {
                ranking.words.append(code)
            }
        }
        ranking.separators.sort { (uses[Int($1)].count, $0) < (uses[Int($0)].count, $1) }
        ranking.words.sort { (uses[Int($1)].count, $0) < (uses[Int($0)].count, $1) }
        for (place, code) in ranking.separators.enumerated() { ranking.rank[Int(code)] = UInt32(place + 1) }
        for (place, code) in ranking.words.enumerated() {
            ranking.rank[Int(code)] = UInt32(ranking.separators.count + place + 1)
        }
        return ranking
    }

    /// What each token is to templates.
    private func roles(_ ranking: Ranking) -> [MessageForms.Role] {
        let frequent = UInt32(max(16, count >> 12))
        return tokenFlags.indices.map { token in
            let flags = tokenFlags[token]
            if flags & Self.isWord == 0 { return .separator }
            if ranking.rank[token] == 0 { return .variable }
            return flags & Self.hasDigit != 0 || ranking.uses.tokens[token].count < frequent ? .slot : .word
        }
    }

    /// Gives the words that rows tell the lowest codes, the most frequent first.
    private func rank(_ ranking: inout Ranking, _ slotTokens: [UInt32]) {
        var counts = [UInt32](repeating: 0, count: tokens.count)
        for token in slotTokens { counts[Int(token)] += 1 }
        ranking.words.sort { (counts[Int($1)], $0) < (counts[Int($0)], $1) }
        for (place, code) in ranking.words.enumerated() {
            ranking.rank[Int(code)] = UInt32(ranking.separators.count + place + 1)
        }
    }

    private func writeTemplates(_ forms: MessageForms.Written, _ ranking: Ranking, to block: BlockWriter) {
        var table: [UInt8] = []
        table.append(varint: UInt64(forms.templates.count))
        for template in forms.templates {
            table.append(varint: UInt64(template.count))
            for part in template {
                switch part {
                case .slot: table.append(varint: MessageTemplates.slot)
                case .token(let token) where ranking.rank[Int(token)] == 0:
                    table.append(varint: MessageTemplates.variable)
                case .token(let token):
                    table.append(varint: MessageTemplates.firstCode + UInt64(ranking.rank[Int(token)]))
                }
            }
        }
        block.add(LogSections.templates, table)
        block.add(LogSections.templateOfRow, IntegerColumnWriter.encode(forms.templateOfRow))
    }

    /// Writes how many codes each row has; where each granule's begin is the result.
    private func writeLengths(to block: BlockWriter) -> [Int] {
        var (lengths, starts, marks): ([Int64], [Int], [Int64]) = ([], [], [])
        lengths.reserveCapacity(count)
        for row in 0..<count {
            if row % IntegerColumn.granule == 0 { starts.append(Int(codeStarts[row])) }
            if row % MessageRows.step == 0 { marks.append(Int64(codeStarts[row]) - Int64(starts.last ?? 0)) }
            lengths.append(Int64(codeStarts[row + 1] - codeStarts[row]))
        }
        block.add(LogSections.lengths, IntegerColumnWriter.encode(lengths))
        block.add(LogSections.rowMarks, IntegerColumnWriter.encode(marks))
        return starts
    }

    private func writeCodes(
        _ tokens: [UInt32],
        _ starts: [Int],
        _ ranking: Ranking,
        _ isCold: Bool,
        to block: BlockWriter
    ) {
        let largest = ranking.separators.count + ranking.words.count
        MessageCodes.write(
            tokens,
            codes: ranking.rank,
            planeCount: largest > 0xffff ? 3 : 2,
            starts: starts,
            isCold ? codec : nil,
            to: block
        )
        block.add(LogSections.codeStarts, IntegerColumnWriter.encode(starts.map { Int64($0) }))
    }

    /// Writes the words with the granules of each.
    private func writeWords(_ ranking: Ranking, granules: Int, to block: BlockWriter) {
        // Which granules each token is in: the lists of all tokens, one behind the other.
        let uses = ranking.uses.tokens
        var ends = [UInt32](repeating: 0, count: tokens.count + 1)
        for code in 0..<tokens.count { ends[code + 1] = ends[code] + uses[code].granules }
        var lists = [UInt16](repeating: 0, count: Int(ends[tokens.count]))
        var next = ends
        var place = 0
        for (granule, end) in ranking.uses.granuleEnds.enumerated() {
            while place < end {
                let code = Int(ranking.uses.inGranules[place])
                lists[Int(next[code])] = UInt16(truncatingIfNeeded: granule)
                next[code] += 1
                place += 1
            }
        }
        let order = foldedOrder(ranking.words)
        var (offsets, content): ([UInt8], [UInt8]) = ([], [])
        offsets.append(littleEndian: UInt32(order.count))
        let start = 4 + 4 * ((order.count + WordDictionary.step - 1) / WordDictionary.step)
        let bitmapBytes = (granules + 7) / 8
        var bitmap = [UInt8](repeating: 0, count: bitmapBytes)
        var indexOfRank = [Int64](repeating: 0, count: order.count)
        for (index, code) in order.enumerated() {
            indexOfRank[Int(ranking.rank[Int(code)]) - ranking.separators.count - 1] = Int64(index)
            tokens.withText(code) { text in
                var shared = 0
                if index % WordDictionary.step == 0 {
                    offsets.append(littleEndian: UInt32(start + content.count))
                } else {
                    shared = tokens.withText(order[index - 1]) { before in
                        var shared = 0
                        while shared < min(before.count, text.count), before[shared] == text[shared] { shared += 1 }
                        return shared
                    }
                    content.append(varint: UInt64(shared))
                }
                content.append(varint: UInt64(text.count - shared))
                content.append(span: text.extracting(shared..<text.count))
            }
            let list = lists[Int(ends[Int(code)])..<Int(ends[Int(code) + 1])]
            let needsFolding = tokenFlags[Int(code)] & Self.needsFolding != 0
            content.append(varint: UInt64(list.count) << 1 | (needsFolding ? 1 : 0))
            content.append(varint: UInt64(uses[Int(code)].rows))
            if list.count >= bitmapBytes {
                for place in bitmap.indices { bitmap[place] = 0 }
                for granule in list { bitmap[Int(granule) >> 3] |= 1 << UInt8(granule & 7) }
                content += bitmap
            } else {
                var before: UInt16 = 0
                for granule in list {
                    content.append(varint: UInt64(granule - before))
                    before = granule
                }
            }
        }
        block.add(LogSections.words, offsets + content)
        block.add(LogSections.ranks, IntegerColumnWriter.encode(indexOfRank))
    }

    private func codeRange(_ granule: Int) -> Range<Int> {
        let rows = (granule * IntegerColumn.granule)..<min((granule + 1) * IntegerColumn.granule, count)
        return Int(codeStarts[rows.lowerBound])..<Int(codeStarts[rows.upperBound])
    }

    /// The words in the order of their folded forms, then of their bytes.
    private func foldedOrder(_ words: [UInt32]) -> [UInt32] {
        var folded: [UInt32: [UInt8]] = [:]
        var keys: [(head: UInt64, code: UInt32)] = []
        keys.reserveCapacity(words.count)
        for code in words {
            if tokenFlags[Int(code)] & Self.needsFolding != 0 {
                let text = tokens.withText(code) { WordScanner.folded($0) }
                keys.append((text.span.head, code))
                folded[code] = text
            } else {
                keys.append((tokens.withText(code) { $0.head }, code))
            }
        }
        func withFolded<Result>(_ code: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
            if let text = folded[code] { return body(text.span) }
            return tokens.withText(code, body)
        }
        keys.sort { left, right in
            if left.head != right.head { return left.head < right.head }
            return withFolded(left.code) { first in
                withFolded(right.code) { second in
                    if first.isBefore(second) { return true }
                    guard first.isEqual(second) else { return false }
                    return tokens.withText(left.code) { raw in tokens.withText(right.code) { raw.isBefore($0) } }
                }
            }
        }
        return keys.map(\.code)
    }

    private func writeVariables(_ ranking: Ranking, granules: Int, to block: BlockWriter) {
        guard tokenFlags.contains(where: { $0 & Self.hasDigit != 0 }) else { return }
        var (content, ends): ([UInt8], [Int64]) = ([], [])
        var (filters, filterEnds): ([UInt8], [Int64]) = ([], [])
        for granule in 0..<granules {
            var (texts, hashes): ([UInt8], [UInt64]) = ([], [])
            for place in codeRange(granule) where ranking.rank[Int(codes[place])] == 0 {
                tokens.withText(codes[place]) { text in
                    texts.append(varint: UInt64(text.count))
                    texts.append(span: text)
                    hashes.append(LogVariables.hash(WordScanner.folded(text).span))
                }
            }
            if !texts.isEmpty {
                PackedBytes.append(texts, codec, level: 1, to: &content)
                filters += IDFilter.encode(hashes)
            }
            ends.append(Int64(content.count))
            filterEnds.append(Int64(filters.count))
        }
        guard !content.isEmpty else { return }
        block.add(LogSections.variables, content)
        block.add(LogSections.variableEnds, IntegerColumnWriter.encode(ends))
        block.add(LogSections.variableFilters, filters)
        block.add(LogSections.variableFilterEnds, IntegerColumnWriter.encode(filterEnds))
    }
}
