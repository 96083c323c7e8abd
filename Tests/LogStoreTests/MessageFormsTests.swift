import Testing

@testable import MartletLogStore

@Suite("Forms of messages")
struct MessageFormsTests {
    /// Tokens: what parts words, words that stay, words that may differ, words told as they are.
    private static let roles: [MessageForms.Role] =
        [.separator] + [MessageForms.Role](repeating: .word, count: 9)
        + [MessageForms.Role](repeating: .slot, count: 90) + [MessageForms.Role](repeating: .variable, count: 900)

    private func written(_ rows: [[UInt32]]) -> MessageForms.Written? {
        var starts: [UInt32] = [0]
        for row in rows { starts.append(starts[starts.count - 1] + UInt32(row.count)) }
        return MessageForms(codes: rows.flatMap { $0 }, codeStarts: starts, roles: Self.roles, seed: 7)?.written()
    }

    private func shown(_ template: [MessageForms.Written.Part]) -> [UInt32?] {
        template.map {
            switch $0 {
            case .token(let token): token
            case .slot: nil
            }
        }
    }

    @Test func `rows that differ by words with digits share a template, the most frequent first`() throws {
        // Five rows of one kind, twelve of another, whose last word is always the same.
        let few = (0..<5).map { [UInt32(1), 0, 10 + UInt32($0)] }
        let many = (0..<12).map { [UInt32(2), 20 + UInt32($0), 3, 100 + UInt32($0), 77] }
        let forms = try #require(written(few + many))
        #expect(forms.templates.map(shown) == [[2, nil, 3, 100, 77], [1, 0, nil]])
        #expect(forms.templateOfRow == [1, 1, 1, 1, 1] + [Int64](repeating: 0, count: 12))
        #expect(forms.slotTokens == [10, 11, 12, 13, 14] + (20..<32))
        #expect(forms.slotStarts == [0])
    }

    @Test func `a message that hardly any other is like gets a template without words`() throws {
        let usual = (0..<40).map { [UInt32(1), 2, 10 + UInt32($0)] }
        let odd: [[UInt32]] = [[3, 4, 0, 5], [6, 7, 0, 8], [5, 4, 0, 3], []]
        let forms = try #require(written(usual + odd))
        #expect(forms.templates.map(shown) == [[1, 2, nil], [nil, nil, 0, nil], []])
        #expect(forms.templateOfRow.suffix(4) == [1, 1, 1, 2])
        #expect(forms.slotTokens.suffix(9) == [3, 4, 5, 6, 7, 8, 5, 4, 3])
    }

    @Test func `granules begin with the slots of every 1024th row`() throws {
        let forms = try #require(written((0..<2500).map { [UInt32(1), 10 + UInt32($0 % 90), 2] }))
        #expect(forms.slotStarts == [0, 1024, 2048])
        #expect(forms.slotTokens.count == 2500)
    }

    @Test func `there are none where most rows are unlike, or templates as long as what they save`() {
        // Every row has its words in another order.
        let unlike = (0..<500).map { row in (0..<4).map { UInt32(1 + row / [1, 9, 81, 729][$0] % 9) } }
        #expect(written(unlike) == nil)
        #expect(written([]) == nil)
        let long = [[UInt32]](repeating: [UInt32](repeating: 1, count: 50), count: 40)
        #expect(written(long) == nil)
        #expect(written(long + long) != nil)
    }
}
