import MartletTerminal
import Testing

@Suite("LineEditor")
struct LineEditorTests {
    private func typed(_ text: String, into editor: inout LineEditor) {
        for character in text { #expect(editor.take(.character(character)) == .edited) }
    }

    @Test func `takes characters where the cursor stands`() {
        var editor = LineEditor("error")
        typed(" x", into: &editor)
        _ = editor.take(.home)
        typed("-", into: &editor)
        #expect(editor.text == "-error x")
        #expect(editor.cursor == 1)
        _ = editor.take(.end)
        _ = editor.take(.left)
        _ = editor.take(.backspace)
        #expect(editor.text == "-errorx")
        _ = editor.take(.delete)
        _ = editor.take(.delete)
        #expect(editor.text == "-error")
        _ = editor.take(.control("a"))
        _ = editor.take(.right)
        _ = editor.take(.control("k"))
        #expect(editor.text == "-")
        _ = editor.take(.control("d"))
        _ = editor.take(.control("e"))
        _ = editor.take(.control("b"))
        _ = editor.take(.control("f"))
        #expect(editor.cursor == 1)
    }

    @Test func `removes words and the line`() {
        var editor = LineEditor("level:error service:shop  ")
        _ = editor.take(.control("w"))
        #expect(editor.text == "level:error ")
        _ = editor.take(.control("u"))
        #expect(editor.text.isEmpty)
        _ = editor.take(.backspace)
        _ = editor.take(.control("w"))
        _ = editor.take(.tab)
        #expect(editor.text.isEmpty)
        #expect(editor.cursor == 0)
    }

    @Test func `brings back what was entered, and what was being typed`() {
        var editor = LineEditor()
        for line in ["one", "two", "two", ""] {
            editor.text = line
            #expect(editor.take(.enter) == .entered)
        }
        #expect(editor.history == ["one", "two"])
        typed("thr", into: &editor)
        _ = editor.take(.up)
        #expect(editor.text == "two")
        _ = editor.take(.control("p"))
        #expect(editor.text == "one")
        _ = editor.take(.up)
        #expect(editor.text == "one")
        _ = editor.take(.down)
        _ = editor.take(.control("n"))
        #expect(editor.text == "thr")
        _ = editor.take(.down)
        #expect(editor.text == "thr")
        #expect(editor.take(.escape) == .cancelled)
        #expect(editor.take(.control("g")) == .cancelled)
    }

    @Test func `remembers a hundred lines and takes 4096 characters`() {
        var editor = LineEditor()
        for number in 0..<120 { editor.remember("line \(number)") }
        #expect(editor.history.count == 100)
        #expect(editor.history.first == "line 20")
        editor = LineEditor(String(repeating: "x", count: 5000))
        #expect(editor.characters.count == 4096)
        _ = editor.take(.character("y"))
        #expect(editor.characters.count == 4096)
    }

    @Test func `shows the part that the cursor is in`() {
        var editor = LineEditor("abcdefgh")
        #expect(editor.window(5) == ("efgh", 4, 4))
        _ = editor.take(.home)
        #expect(editor.window(5) == ("abcdefgh", 0, 0))
        editor.moveCursor(to: 99)
        #expect(editor.window(20) == ("abcdefgh", 0, 8))
        #expect(LineEditor("日本語").window(5) == ("本語", 1, 4))
    }
}
