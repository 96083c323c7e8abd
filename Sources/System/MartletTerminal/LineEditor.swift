/// A line of text that is typed: with a cursor, the keys of a shell, and what was entered before.
public struct LineEditor: Hashable, Sendable {
    /// What became of a key.
    public enum Outcome: Hashable, Sendable {
        /// The line or the cursor changed, or nothing.
        case edited
        /// The line is finished, and was put into the history.
        case entered
        /// The line is given up.
        case cancelled
    }

    /// So many lines are remembered; the oldest are forgotten.
    public static let historyMax = 100

    /// So many characters a line has at most; more are not taken.
    public static let charactersMax = 4096

    /// The characters of the line.
    public private(set) var characters: [Character]

    /// Before which character the cursor stands; the count of characters at the end.
    public private(set) var cursor: Int

    /// The lines that were entered, the newest last.
    public private(set) var history: [String] = []

    /// How far back in the history the line is; 0 for the line that is being typed.
    private var back = 0
    private var typed: [Character] = []

    /// Starts with a text, the cursor at its end.
    public init(_ text: String = "") {
        characters = Array(text.prefix(Self.charactersMax))
        cursor = characters.count
    }

    /// The line.
    public var text: String {
        get { String(characters) }
        set {
            characters = Array(newValue.prefix(Self.charactersMax))
            cursor = characters.count
            back = 0
        }
    }

    /// Puts the cursor before a character.
    public mutating func moveCursor(to place: Int) { cursor = max(0, min(place, characters.count)) }

    /// Remembers a line as if it had been entered.
    public mutating func remember(_ line: String) {
        guard !line.isEmpty, history.last != line else { return }
        history.append(line)
        if history.count > Self.historyMax { history.removeFirst() }
    }

    /// Takes a key.
    public mutating func take(_ key: KeyPress) -> Outcome {
        switch key {
        case .enter:
            remember(text)
            back = 0
            return .entered
        case .escape, .control("g"): return .cancelled
        case .character(let character): insert(character)
        case .backspace: remove(before: 1)
        case .delete, .control("d"): if cursor < characters.count { characters.remove(at: cursor) }
        case .left, .control("b"): moveCursor(to: cursor - 1)
        case .right, .control("f"): moveCursor(to: cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .control("u"): remove(before: cursor)
        case .control("k"): characters.removeSubrange(cursor...)
        case .control("w"): remove(before: wordLength)
        case .up, .control("p"): recall(back + 1)
        case .down, .control("n"): recall(back - 1)
        default: break
        }
        return .edited
    }

    /// The part of the line that fits into a number of columns, the cursor in sight.
    ///
    /// - Parameter columns: How many columns there are.
    /// - Returns: The text, the first character that is shown, and the cursor's column.
    public func window(_ columns: Int) -> (text: String, first: Int, cursor: Int) {
        var first = 0
        func column(_ place: Int) -> Int { VisibleText.width(VisibleText.harmless(String(characters[first..<place]))) }
        while first < cursor, column(cursor) >= max(1, columns) { first += 1 }
        return (String(characters[first...]), first, column(cursor))
    }

    private mutating func insert(_ character: Character) {
        guard characters.count < Self.charactersMax else { return }
        characters.insert(character, at: cursor)
        cursor += 1
    }

    private mutating func remove(before count: Int) {
        let count = min(count, cursor)
        characters.removeSubrange((cursor - count)..<cursor)
        cursor -= count
    }

    private var wordLength: Int {
        var place = cursor
        while place > 0, characters[place - 1] == " " { place -= 1 }
        while place > 0, characters[place - 1] != " " { place -= 1 }
        return cursor - place
    }

    private mutating func recall(_ place: Int) {
        guard place >= 0, place <= history.count, place != back else { return }
        if back == 0 { typed = characters }
        back = place
        characters = place == 0 ? typed : Array(history[history.count - place])
        cursor = characters.count
    }
}
