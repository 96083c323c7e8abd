import Foundation
import MartletLogging
import Synchronization
import Testing

@Suite("Log sinks")
struct SinkTests {
    /// Holds every record back until it is let go.
    final class Gate: LogSink {
        private let isOpen = Mutex(false)
        let inner = MemorySink()
        func open() { isOpen.withLock { $0 = true } }
        func write(_ record: LogRecord) {
            while !isOpen.withLock(\.self) { usleep(1000) }
            inner.write(record)
        }
    }

    @Test func `a full queue makes nobody wait, keeps room for errors, and tells what was lost`() throws {
        let gate = Gate()
        let queue = try QueuedSink(gate, capacity: 160)
        queue.write(record("the first is taken by the thread at once"))
        while queue.count > 0 { usleep(1000) }
        for number in 0..<200 { queue.write(record("\(number)")) }
        #expect(queue.count == 150 && queue.dropped == 50)
        for number in 0..<20 { queue.write(record("e\(number)", level: .error)) }
        #expect(queue.count == 160 && queue.dropped == 60)
        queue.flush(within: .milliseconds(20))
        #expect(queue.count == 160)
        gate.open()
        queue.stop(within: .seconds(60))
        let messages = gate.inner.all.map(\.message)
        #expect(messages.count == 162)
        #expect(messages.dropFirst().prefix(150).elementsEqual((0..<150).map(String.init)))
        #expect(messages.last == "log records were lost: the queue was full")
        #expect(gate.inner.all.last?.fields["dropped"] == 60)
        queue.write(record("after the end"))
        #expect(queue.dropped == 61)
    }

    @Test func `eight threads lose nothing through a queue that is large enough`() async throws {
        let sink = MemorySink()
        let queue = try QueuedSink(sink, capacity: 100_000)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask { for number in 0..<2000 { queue.write(record("\(thread)/\(number)")) } }
            }
        }
        queue.flush(within: .seconds(60))
        #expect(Set(sink.all.map(\.message)).count == 16_000)
        queue.stop()
    }

    @Test func `a file is put aside by size and by age, and so many are kept`() throws {
        let folder = try Folder()
        let clock = StandingClock()
        let path = folder.path + "/app.log"
        let rule = FileSink.Rotation(bytes: 1000, age: .seconds(3600), kept: 2)
        let sink = try FileSink(path: path, format: LogLineFormat.logfmt, rotation: rule, clock: clock)
        for number in 0..<40 { sink.write(record("line \(number)")) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["app.log", "app.log.1", "app.log.2"])
        let kept = try (folder.lines("app.log.2") + folder.lines("app.log.1") + folder.lines("app.log"))
        #expect(kept.last?.contains("line 39") == true)
        let numbers = kept.compactMap { line in line.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) } }
        #expect(numbers == Array((40 - numbers.count)..<40))
        clock.advance(by: .seconds(3600))
        sink.write(record("an hour later"))
        #expect(try folder.lines("app.log").count == 1)
    }

    @Test func `a file that was moved away is made anew, and one that cannot be is named`() throws {
        let folder = try Folder()
        let sink = try FileSink(path: folder.path + "/a.log")
        sink.write(record("one"))
        try FileManager.default.moveItem(atPath: folder.path + "/a.log", toPath: folder.path + "/b.log")
        sink.write(record("two"))
        try sink.reopen()
        sink.write(record("three"))
        #expect(try folder.lines("b.log").count == 2)
        #expect(try folder.lines("a.log").count == 1)
        #expect(
            throws: LogSinkError(
                "cannot write the log file \(folder.path)/no/a.log: No such file or directory; check the folder and its rights"
            )
        ) { try FileSink(path: folder.path + "/no/a.log") }
    }

    @Test func `the disk that is full is counted and harms nobody`() throws {
        let sink = try FileSink(path: "/dev/full")
        sink.write(record("lost"))
        #expect(sink.failures == 1)
    }

    @Test func `several sinks get each record`() {
        let (one, two) = (MemorySink(), MemorySink())
        let both = SeveralSinks([one, two, SilentSink()])
        both.write(record("x"))
        both.flush(within: .seconds(1))
        #expect(one.all.count == 1 && two.all.count == 1)
    }

    @Test func `syslog gets RFC 5424, the journal its own protocol`() throws {
        let folder = try Folder()
        let socket = try DatagramSocket(folder.path + "/s")
        let syslog = try SyslogSink(program: "shop", facility: .local0, path: socket.path)
        syslog.write(record("paid", ["amount": 3, "by": "\"eva\"]"], level: .error, context: someSpan))
        let line = try #require(socket.receive())
        let expected = #/<131>1 2026-11-21T03:25:20\.123456Z \S+ shop \d+ scrape \[fields@32473 (.*)\] paid/#
        let match = try #require(String(decoding: line, as: UTF8.self).wholeMatch(of: expected))
        #expect(
            match.1
                == #"amount="3" by="\"eva\"\]" trace_id="0af7651916cd43dd8448eb211c80319c" span_id="b7ad6b7169203331""#
        )
        let journal = try JournalSink(program: "shop", path: socket.path)
        journal.write(record("two\nlines", ["_order-no": 7]))
        var wanted = Array("PRIORITY=6\nMESSAGE\n".utf8) + [9, 0, 0, 0, 0, 0, 0, 0] + Array("two\nlines\n".utf8)
        wanted += Array("SYSLOG_IDENTIFIER=shop\nTARGET=scrape\nORDER_NO=7\n".utf8)
        #expect(socket.receive() == wanted)
        #expect(syslog.failures == 0 && journal.failures == 0)
    }

    @Test func `a syslog that goes away is counted, and found again`() throws {
        let folder = try Folder()
        var socket: DatagramSocket? = try DatagramSocket(folder.path + "/s")
        let sink = try SyslogSink(program: "shop", path: folder.path + "/s")
        socket = nil
        try? FileManager.default.removeItem(atPath: folder.path + "/s")
        sink.write(record("lost"))
        #expect(sink.failures == 1)
        socket = try DatagramSocket(folder.path + "/s")
        sink.write(record("there again"))
        let text = String(decoding: try #require(socket?.receive()), as: UTF8.self)
        #expect(text.hasSuffix("there again") && sink.failures == 1)
        #expect(throws: LogSinkError.self) { try JournalSink(program: "shop", path: folder.path + "/nobody") }
    }
}

/// A socket that takes datagrams.
final class DatagramSocket {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0, "a socket at \(path)")
    }

    deinit { close(descriptor) }

    /// The next datagram, which must be there.
    func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? Array(bytes.prefix(count)) : nil
    }
}
