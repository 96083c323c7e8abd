import MartletLogFormats
import Testing

@Suite("Lines that belong together")
struct JoinerTests {
    func join(_ text: String, _ joiner: LineJoiner = LineJoiner()) -> [String] {
        var joiner = joiner
        var records: [LineFramer.Line] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let record = joiner.take(.init(bytes: Array(line.utf8), cutBytes: 0)) { records.append(record) }
        }
        if let record = joiner.flush() { records.append(record) }
        return records.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func `joins a stack of Java with its causes`() {
        let stack = """
            2026-11-21 12:00:00 ERROR order failed
            java.lang.IllegalStateException: no stock
            \tat shop.Order.place(Order.java:12)
            \tat shop.Main.main(Main.java:3)
            Caused by: java.io.IOException: closed
            \tat shop.Net.read(Net.java:9)
            \t... 2 more
            2026-11-21 12:00:01 INFO next
            """
        let records = join(stack)
        #expect(records.count == 3)
        #expect(records[0] == "2026-11-21 12:00:00 ERROR order failed")
        #expect(records[1].hasPrefix("java.lang.IllegalStateException") && records[1].hasSuffix("... 2 more"))
        #expect(records[2] == "2026-11-21 12:00:01 INFO next")
    }

    @Test func `joins tracebacks of Python that follow from one another`() {
        let stack = """
            ERROR:root:boom
            Traceback (most recent call last):
              File "a.py", line 1, in <module>
                1 / 0
            ZeroDivisionError: division by zero

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "a.py", line 3, in <module>
                raise app.errors.Bad("x")
            app.errors.Bad: x
            INFO:root:next
            """
        let records = join(stack)
        #expect(records.count == 3)
        #expect(records[1].hasPrefix("Traceback") && records[1].hasSuffix("app.errors.Bad: x"))
        #expect(records[2] == "INFO:root:next")
    }

    @Test func `joins the panic of a program in Go`() {
        let stack = """
            panic: runtime error: index out of range

            goroutine 1 [running]:
            main.run(0x1, {0xc000})
            \t/src/main.go:5 +0x1d
            created by main.main
            \t/src/main.go:9
            exit status 2
            next line of another kind
            """
        #expect(join(stack).count == 2)
    }

    @Test func `begins a record where an expression matches`() {
        let joiner = LineJoiner(start: WordPattern(word: ">", name: "x"))
        #expect(join("> a\nb\n\nc\n> d", joiner) == ["> a\nb\n\nc", "> d"])
    }

    @Test func `bounds lines and bytes of a record`() {
        var limits = LogInputLimits()
        limits.joinedLines = 3
        #expect(join("a\n b\n c\n d\n e", LineJoiner(limits: limits)) == ["a\n b\n c", " d\n e"])
        limits.lineBytes = 4
        var joiner = LineJoiner(limits: limits)
        _ = joiner.take(.init(bytes: Array("ab".utf8), cutBytes: 0))
        _ = joiner.take(.init(bytes: Array(" cdef".utf8), cutBytes: 1))
        #expect(joiner.isHolding)
        #expect(joiner.flush() == .init(bytes: Array("ab\n ".utf8), cutBytes: 5))
        #expect(!joiner.isHolding)
    }
}
