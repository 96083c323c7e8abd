public import MartletTerminal

extension LogBrowser {
    /// Takes a key.
    public mutating func take(_ key: KeyPress) -> [Effect] {
        if fileEditor != nil { return takeFileKey(key) }
        if isEditing { return takeEditedKey(key) }
        message = ""
        switch view {
        case .list: return takeListKey(key)
        case .record: return takeRecordKey(key)
        case .trace, .help: return takePagerKey(key)
        }
    }

    /// The terminal has another size.
    public mutating func resize(rows: Int, columns: Int) -> [Effect] {
        let isOther = columns != self.columns
        self.columns = columns
        // The bars of a trace are drawn for a width.
        return view == .trace && isOther ? askForTrace() : []
    }

    private mutating func takeEditedKey(_ key: KeyPress) -> [Effect] {
        switch editor.take(key) {
        case .edited: return []
        case .cancelled:
            isEditing = false
            editor.text = query
            return []
        case .entered:
            isEditing = false
            return searchTyped()
        }
    }

    private mutating func takeFileKey(_ key: KeyPress) -> [Effect] {
        switch fileEditor?.take(key) {
        case .entered:
            let file = fileEditor?.text ?? ""
            fileEditor = nil
            return save(to: file)
        case .cancelled:
            fileEditor = nil
            return []
        default: return []
        }
    }

    private mutating func takeListKey(_ key: KeyPress) -> [Effect] {
        switch key {
        case .character("q"): return [.quit]
        case .character("/"): isEditing = true
        case .character("?"), .character("h"): (view, scrolled) = (.help, 0)
        case .character("f"): return follow()
        case .character("n"): return olderPage()
        case .character("p"): return newerPage()
        case .character("t"): return showTrace()
        case .character("r"): return search(cursors)
        case .character("c"):
            guard !isTable, records.indices.contains(chosen) else { return [] }
            fileEditor = LineEditor("martlet-logs.jsonl")
        case .enter:
            guard !isTable, records.indices.contains(chosen) else { return [] }
            (view, scrolled) = (.record, 0)
            return pauseOrGoOn()
        case .up, .character("k"): return choose(chosen - 1)
        case .down, .character("j"): return choose(chosen + 1)
        case .pageUp, .control("b"): return choose(chosen - max(1, listRows - 1))
        case .pageDown, .control("f"), .character(" "): return choose(chosen + max(1, listRows - 1))
        case .home, .character("g"): return choose(0, staysOnPage: true)
        case .end, .character("G"): return choose(count - 1, staysOnPage: true)
        default: break
        }
        return []
    }

    /// Chooses a row; beyond the page's ends lie other pages.
    private mutating func choose(_ place: Int, staysOnPage: Bool = false) -> [Effect] {
        if !staysOnPage, place >= count, chosen == count - 1, !isTable { return olderPage() }
        if !staysOnPage, place < 0, chosen == 0, cursors.count > 1 { return newerPage(choosingLast: true) }
        chosen = max(0, min(place, count - 1))
        return pauseOrGoOn()
    }

    private mutating func takeRecordKey(_ key: KeyPress) -> [Effect] {
        switch key {
        case .character("q"), .escape, .enter, .backspace:
            view = .list
            return pauseOrGoOn()
        case .character("t"): return showTrace()
        case .character("c"): fileEditor = LineEditor("martlet-logs.jsonl")
        case .right, .character("n"): moveRecord(by: 1)
        case .left, .character("p"): moveRecord(by: -1)
        case .character("?"): (view, scrolled) = (.help, 0)
        default: scroll(key)
        }
        return []
    }

    private mutating func moveRecord(by step: Int) {
        guard records.indices.contains(chosen + step) else {
            message = step > 0 ? "this is the last record of the page" : "this is the first record of the page"
            return
        }
        (chosen, scrolled) = (chosen + step, 0)
    }

    private mutating func takePagerKey(_ key: KeyPress) -> [Effect] {
        switch key {
        case .character("q"), .escape, .enter, .backspace, .character("?"):
            (view, scrolled) = (.list, 0)
            return pauseOrGoOn()
        default: scroll(key)
        }
        return []
    }

    /// Moves a text; drawing holds it within its ends.
    private mutating func scroll(_ key: KeyPress) {
        switch key {
        case .up, .character("k"): scrolled -= 1
        case .down, .character("j"): scrolled += 1
        case .pageUp, .control("b"): scrolled -= max(1, listRows - 1)
        case .pageDown, .control("f"), .character(" "): scrolled += max(1, listRows - 1)
        case .home, .character("g"): scrolled = 0
        case .end, .character("G"): scrolled = .max / 2
        default: break
        }
        scrolled = max(0, scrolled)
    }
}
