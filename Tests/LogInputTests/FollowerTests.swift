import Foundation
import MartletCore
import MartletLogFormats
import MartletLogging
import MartletPatterns
import Testing

@testable import MartletLogInputs

@Suite("Followed files")
struct FollowerTests {
    let folder: Folder
    let taken = Taken()

    init() throws { folder = try Folder() }

    func follower(_ change: (inout FileSource) -> Void = { _ in }) -> FileFollower {
        var source = FileSource(
            name: "app",
            paths: ["\(folder.path)/app.log"],
            attributes: [Attribute("service.name", "app")]
        )
        change(&source)
        return FileFollower(
            [source],
            checkpointPath: "\(folder.path)/checkpoints",
            target: taken,
            clock: SystemWallClock(),
            logger: .silent
        )
    }

    func turns(_ follower: FileFollower, _ count: Int = 5) {
        for _ in 0..<count { follower.turn() }
    }

    @Test func `reads lines as their ends come`() throws {
        let follower = follower()
        turns(follower)
        try folder.append("app.log", "one\ntw")
        turns(follower)
        #expect(taken.bodies == ["one"])
        try folder.append("app.log", "o\n\nthree\r\n")
        turns(follower)
        #expect(taken.bodies == ["one", "two", "three"])
        #expect(taken.resources == ["service.name=app", "service.name=app"])
        #expect(taken.entries[0].attributes == [Attribute("log.file.path", "\(folder.path)/app.log")])
        #expect(follower.numbers[0].current.taken == 3)
        #expect(follower.numbers[0].current.bytes == 16)
    }

    @Test func `follows a file that is renamed while lines still come, then its successor`() throws {
        let follower = follower()
        try folder.append("app.log", "a1\n")
        turns(follower)
        try folder.rename("app.log", "app.log.1")
        try folder.append("app.log.1", "a2\n")
        try folder.append("app.log", "b1\n")
        turns(follower)
        try folder.append("app.log.1", "a3 without end")
        turns(follower, 15)
        #expect(taken.bodies.sorted() == ["a1", "a2", "a3 without end", "b1"])
        #expect(follower.fileCount == 1)
        try folder.append("app.log", "b2\n")
        turns(follower)
        #expect(taken.bodies.last == "b2")
    }

    @Test func `begins anew when a file is truncated, also when it has grown again`() throws {
        let follower = follower()
        try folder.append("app.log", "first line\nsecond line\n")
        turns(follower)
        try folder.copyAndTruncate("app.log", "app.log.1")
        turns(follower)
        try folder.append("app.log", "third\n")
        turns(follower)
        #expect(taken.bodies == ["first line", "second line", "third"])
        // Longer at once than it was before: its beginning tells.
        try folder.copyAndTruncate("app.log", "app.log.2")
        try folder.append("app.log", "fourth and longer than before\n")
        turns(follower)
        #expect(taken.bodies.last == "fourth and longer than before")
        #expect(taken.bodies.count == 4)
        #expect(follower.truncated == 2)
    }

    @Test func `reads the rest of a file that is deleted, and one of its name later`() throws {
        let follower = follower()
        try folder.append("app.log", "a\n")
        turns(follower)
        try folder.append("app.log", "b\n")
        try folder.remove("app.log")
        turns(follower, 15)
        #expect(taken.bodies == ["a", "b"])
        #expect(follower.fileCount == 0)
        try folder.append("app.log", "c\n")
        turns(follower)
        #expect(taken.bodies == ["a", "b", "c"])
    }

    @Test func `goes on where it was after a restart, also when the file was rotated meanwhile`() throws {
        let first = follower()
        try folder.append("app.log", "a1\na2\n")
        turns(first)
        first.stop()
        try folder.append("app.log", "a3\n")
        let second = follower()
        turns(second)
        #expect(taken.bodies == ["a1", "a2", "a3"])
        second.stop()
        try folder.append("app.log", "a4\n")
        try folder.rename("app.log", "app.log.1")
        try folder.append("app.log", "b1\n")
        let third = follower()
        turns(third, 15)
        #expect(taken.bodies.sorted() == ["a1", "a2", "a3", "a4", "b1"])
        third.stop()
        // Replaced by another file of the same inode's worth of bytes or more.
        try folder.remove("app.log")
        try folder.append("app.log", "c1 is another\n")
        let fourth = follower()
        turns(fourth)
        #expect(taken.bodies.last == "c1 is another")
        fourth.stop()
    }

    @Test func `starts over without checkpoints that can be read`() throws {
        try folder.append("app.log", "a\n")
        try folder.write("checkpoints", "[{\"path\":1},3")
        let follower = follower()
        turns(follower)
        #expect(taken.bodies == ["a"])
        #expect(FileCheckpoint.read(Array("[{\"path\":\"x\"}]".utf8)).isEmpty)
    }

    @Test func `begins at the end where it is asked to`() throws {
        try folder.append("app.log", "old\n")
        let follower = follower { $0.beginsAtEnd = true }
        turns(follower)
        try folder.append("app.log", "new\n")
        turns(follower)
        #expect(taken.bodies == ["new"])
    }

    @Test func `joins the lines of stacks, which are stored once they are whole`() throws {
        let joining = follower { $0.joinsLines = true }
        try folder.append("app.log", "ERROR boom\n\tat a\n")
        turns(joining, 2)
        #expect(taken.bodies.isEmpty)
        try folder.append("app.log", "\tat b\nINFO next\n")
        turns(joining, 2)
        #expect(taken.bodies == ["ERROR boom\n\tat a\n\tat b"])
        turns(joining, 10)
        #expect(taken.bodies == ["ERROR boom\n\tat a\n\tat b", "INFO next"])
        joining.stop()
        try folder.append("app.log", "last\n")
        let again = follower { $0.joinsLines = true }
        turns(again, 15)
        #expect(taken.bodies.suffix(1) == ["last"])
        #expect(taken.bodies.count == 3)
    }

    @Test func `keeps a line that is held for more over a restart`() throws {
        let first = follower { $0.joinsLines = true }
        try folder.append("app.log", "one\ntwo\n")
        turns(first, 2)
        #expect(taken.bodies == ["one"])
        first.stop()
        let second = follower { $0.joinsLines = true }
        turns(second, 15)
        #expect(taken.bodies == ["one", "two"])
    }

    @Test func `matches names with stars and takes lines apart with an expression`() throws {
        let pattern = try NamedExpression(#"^(?P<level>\w+) \[(?P<component>[^\]]+)\] (?P<message>.*)$"#)
        #expect(pattern.names == ["level", "component", "message"])
        let follower = follower {
            $0.paths = ["\(folder.path)/x*-*.log"]
            $0.format = .expression(ExpressionPattern(pattern))
        }
        try folder.append("x1-a.log", "WARN [net] lost\nno match\n")
        try folder.append("x2.log", "no\n")
        try folder.append("y1-a.log", "no\n")
        turns(follower)
        #expect(taken.bodies == ["lost", "no match"])
        #expect(taken.entries[0].severity == 13)
        #expect(taken.entries[0].attributes.contains(Attribute("component", "net")))
        #expect(follower.numbers[0].current.lines.unparsed == 1)
        #expect(throws: (any Error).self) { try NamedExpression("(") }
        #expect(try NamedExpression("a(?P<x>b)?").groups(in: Array("xa".utf8)[...])?.isEmpty == true)
    }

    @Test func `finds catastrophic expressions harmless`() throws {
        let pattern = try NamedExpression("(?P<x>(a+)+)$")
        let line = [UInt8](repeating: 0x61, count: 200_000) + [0x62]
        #expect(pattern.groups(in: line[...]) == nil)
    }

    @Test func `runs on its own thread`() async throws {
        let follower = follower()
        follower.start()
        try folder.append("app.log", (0..<5_000).map { "line \($0)\n" }.joined())
        await taken.wait(for: 5_000)
        try folder.append("app.log", "end\n")
        follower.stop()
        #expect(taken.bodies.count == 5_001)
        #expect(taken.bodies.last == "end")
    }

    @Test func `bounds a line of 5 MiB`() throws {
        let follower = follower()
        try folder.append("app.log", String(repeating: "x", count: 5 << 20) + "\nshort\n")
        turns(follower)
        #expect(taken.entries.map(\.body.text.utf8.count) == [1 << 20, 5])
        #expect(follower.numbers[0].current.lines.cut == 1)
    }
}
