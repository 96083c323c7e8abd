import Foundation
import MartletHTTPServer
import Testing

/// `Examples/trace-context-echo` with the headers that W3C's recommendation speaks of, good and bad.
///
/// The example is driven as the recommendation's own harness drives a service: it is told whom to call, and the calls
/// are looked at.
@Suite("Trace context", .fewAtOnce)
struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"
    private static let good = "traceparent: 00-\(trace)-\(parent)-01"

    /// What one call that the service made carried.
    private struct Call {
        var trace: String
        var parent: String
        var flags: String
        var state: String?
    }

    /// The example, and who it calls.
    private final class Service: Sendable {
        let sink: Sink
        private let process: ChildProcess
        private let port: Int
        private let folder: Folder

        init() async throws {
            let (folder, port) = (try Folder(), try Tools.freePort())
            (self.folder, self.port) = (folder, port)
            sink = try Sink()
            process = try ChildProcess(Tools.built("TraceContextEcho"), [String(port)], directory: folder.url)
            let process = process
            _ = try await eventually("the example listens; it printed \(process.text)") {
                guard process.isRunning else { throw Problem("the example ended: \(process.text)") }
                return (try? await RawRequest.post(port: port, lines: [], body: "[]")).flatMap { $0.isEmpty ? nil : $0 }
            }
        }

        /// Has the service make calls, and gives what they carried.
        func calls(_ lines: [String], count: Int = 1) async throws -> [Call] {
            let before = sink.received.count
            let call = #"{"url":"http://127.0.0.1:\#(sink.port)/","arguments":[]}"#
            let body = "[\([String](repeating: call, count: count).joined(separator: ","))]"
            let answer = try await RawRequest.post(port: port, lines: lines, body: body)
            try #require(answer.hasPrefix("HTTP/1.1 200"), "\(lines): \(answer)")
            return try sink.received.dropFirst(before).map { request in
                let headers = request.headers.values(of: "traceparent")
                let state = request.headers.values(of: "tracestate")
                try #require(headers.count == 1 && state.count <= 1, "\(lines): \(request.headers.fields)")
                let match = try #require(
                    headers[0].wholeMatch(of: #/00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])/#),
                    "\(lines): \(headers[0])"
                )
                return Call(
                    trace: String(match.1),
                    parent: String(match.2),
                    flags: String(match.3),
                    state: state.first
                )
            }
        }

        func call(_ lines: String...) async throws -> Call {
            let calls = try await calls(lines)
            return try #require(calls.first)
        }

        func answer(_ lines: [String]) async throws -> String {
            try await RawRequest.post(port: port, lines: lines, body: "[]")
        }
    }

    private static let isBuilt = FileManager.default.isExecutableFile(atPath: Tools.built("TraceContextEcho"))

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `a good traceparent is continued with a parent of its own, and a bad one begins a new trace`() async throws {
        let service = try await Service()
        let (trace, parent) = (Self.trace, Self.parent)
        for line in [
            Self.good, "traceparent: 00-\(trace)-\(parent)-00", "TraceParent: 00-\(trace)-\(parent)-01",
            "TRACEPARENT: 00-\(trace)-\(parent)-01", "traceparent:00-\(trace)-\(parent)-01",
            "traceparent: \t 00-\(trace)-\(parent)-01 \t ",
            // A version that is not known yet is read as far as it agrees with the one that is.
            "traceparent: cc-\(trace)-\(parent)-01", "traceparent: cc-\(trace)-\(parent)-01-more-to-come",
            "traceparent: fe-\(trace)-\(parent)-01-",
            "traceparent: 00-\(trace)-\(parent)-ff", "traceparent: 00-\(trace)-\(parent)-02",
        ] {
            let call = try await service.call(line)
            #expect(call.trace == trace, "\(line)")
            #expect(call.parent != parent && call.parent != String(repeating: "0", count: 16), "\(line)")
        }
        for line in [
            "traceparent: ff-\(trace)-\(parent)-01", "traceparent: 00-\(trace)-\(parent)-01-more",
            "traceparent: 00-\(trace)-\(parent)-01-", "traceparent: 00-\(trace)-\(parent)-01.",
            "traceparent: cc-\(trace)-\(parent)-01.more", "traceparent: cc-\(trace)-\(parent)-01x",
            "traceparent: 0-\(trace)-\(parent)-01", "traceparent: 000-\(trace)-\(parent)-01",
            "traceparent: .0-\(trace)-\(parent)-01", "traceparent: 0.-\(trace)-\(parent)-01",
            "traceparent: CC-\(trace)-\(parent)-01", "traceparent: 00-\(trace.uppercased())-\(parent)-01",
            "traceparent: 00-\(String(repeating: "0", count: 32))-\(parent)-01",
            "traceparent: 00-\(trace.dropLast())-\(parent)-01", "traceparent: 00-\(trace)0-\(parent)-01",
            "traceparent: 00-.\(trace.dropFirst())-\(parent)-01", "traceparent: 00-\(trace.dropLast())g-\(parent)-01",
            "traceparent: 00-\(trace)-\(String(repeating: "0", count: 16))-01",
            "traceparent: 00-\(trace)-\(parent.dropLast())-01", "traceparent: 00-\(trace)-\(parent)1-01",
            "traceparent: 00-\(trace)-\(parent.uppercased())-01", "traceparent: 00-\(trace)-.\(parent.dropFirst())-01",
            "traceparent: 00-\(trace)-\(parent)-.0", "traceparent: 00-\(trace)-\(parent)-0.",
            "traceparent: 00-\(trace)-\(parent)-0", "traceparent: 00-\(trace)-\(parent)-001",
            "traceparent: 00-\(trace)-\(parent)", "traceparent: 00-\(trace)", "traceparent: 00", "traceparent: -",
            "traceparent:", "traceparent: 00_\(trace)_\(parent)_01", "traceparent: 00-\(trace) -\(parent)-01",
            "trace-parent: 00-\(trace)-\(parent)-01", "trace.parent: 00-\(trace)-\(parent)-01",
            "traceparent: 00-\(trace)-\(parent)-01, 00-\(trace)-\(parent)-01",
        ] {
            let call = try await service.call(line)
            #expect(call.trace != trace && call.trace != String(repeating: "0", count: 32), "\(line)")
            #expect(call.parent != parent && call.parent != String(repeating: "0", count: 16), "\(line)")
        }
        // Of two headers none can be trusted, be they alike or not.
        let other = "traceparent: 00-\(String(repeating: "1", count: 32))-\(parent)-01"
        for lines in [[Self.good, Self.good], [Self.good, other], [other, Self.good]] {
            let calls = try await service.calls(lines)
            let call = try #require(calls.first)
            #expect(call.trace != trace && call.trace != String(repeating: "1", count: 32))
        }
    }

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `the decision to sample is handed on, and each call has an id of its own`() async throws {
        let service = try await Service()
        #expect(try await service.call(Self.good).flags == "01")
        #expect(try await service.call("traceparent: 00-\(Self.trace)-\(Self.parent)-00").flags == "00")
        // Bits that nobody has given a meaning are not handed on; that of random ids is.
        #expect(try await service.call("traceparent: 00-\(Self.trace)-\(Self.parent)-ff").flags == "03")
        #expect(try await service.call("traceparent: 00-\(Self.trace)-\(Self.parent)-fc").flags == "00")
        for lines in [[Self.good], [], ["traceparent: nonsense"]] {
            let calls = try await service.calls(lines, count: 3)
            #expect(Set(calls.map(\.trace)).count == 1 && Set(calls.map(\.parent)).count == 3, "\(lines)")
            #expect((calls[0].trace == Self.trace) == (lines == [Self.good]))
        }
        let first = try await service.call()
        let second = try await service.call()
        #expect(first.trace != second.trace)
        // A new trace is sampled, and says that its id is random.
        #expect(first.flags == "03" && first.state == nil)
    }

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `a good tracestate is handed on in its order`() async throws {
        let service = try await Service()
        let long = (1...31).map { "member-\($0)=value-of-20-letters-\($0)" }.joined(separator: ",")
        #expect(long.utf8.count > 512)
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
        let signs = String(
            decoding: (0x20...0x7e).filter { ![0x2c, 0x3d].contains($0) }.map { UInt8($0) },
            as: UTF8.self
        )
        let key = String(repeating: "k", count: 256)
        let tenant = "\(String(repeating: "t", count: 241))@\(String(repeating: "v", count: 14))"
        for (lines, state) in [
            (["tracestate: foo=1"], "foo=1"), (["tracestate: foo=1,bar=2"], "foo=1,bar=2"),
            (["TraceState: foo=1"], "foo=1"), (["TRACESTATE:foo=1"], "foo=1"),
            (["tracestate: foo=1,bar=2", "tracestate: rojo=1,congo=2"], "foo=1,bar=2,rojo=1,congo=2"),
            (["tracestate: foo=1", "tracestate:"], "foo=1"), (["tracestate:", "tracestate: foo=1"], "foo=1"),
            (["tracestate: foo=1 \t , \t bar=2, \t baz=3 \t"], "foo=1,bar=2,baz=3"),
            (["tracestate: foo=1,"], "foo=1"), (["tracestate: foo=1,,,bar=2"], "foo=1,bar=2"),
            (["tracestate: \(letters)=1"], "\(letters)=1"), (["tracestate: 0a=1"], "0a=1"),
            (["tracestate: fw529a3039@dt=FfD_8=".replacingOccurrences(of: "8=", with: "8")], "fw529a3039@dt=FfD_8"),
            (["tracestate: foo=a\(signs)z"], "foo=a\(signs)z"), (["tracestate: foo= 1"], "foo= 1"),
            (["tracestate: \(key)=1"], "\(key)=1"), (["tracestate: \(tenant)=1"], "\(tenant)=1"),
            (["tracestate: foo=\(String(repeating: "v", count: 256))"], "foo=\(String(repeating: "v", count: 256))"),
            (
                ["tracestate: \((1...32).map { "m\($0)=1" }.joined(separator: ","))"],
                (1...32).map { "m\($0)=1" }.joined(separator: ",")
            ),
            (["tracestate: \(long)"], long),
            // Of one key the later member counts, which stands first.
            (["tracestate: foo=2,bar=1,foo=1"], "foo=2,bar=1"),
            (["tracestate: foo=2", "tracestate: foo=1"], "foo=2"),
        ] as [([String], String)] {
            let calls = try await service.calls([Self.good] + lines)
            let call = try #require(calls.first)
            #expect(call.trace == Self.trace && call.state == state, "\(lines)")
        }
    }

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `a bad tracestate is dropped whole and the trace goes on, and without a trace there is no state`()
        async throws
    {
        let service = try await Service()
        for state in [
            "foo", "=1", "foo=", "FOO=1", "Foo=1", "foo.bar=1", "foo =1", "foo bar=1", "foo=1;bar=2,=", "foo=a=b",
            "foo@=1,bar=2", "@foo=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2", "_foo=1", "foo=ü",
            "\(String(repeating: "k", count: 257))=1", "\(String(repeating: "t", count: 242))@v=1",
            "t@\(String(repeating: "v", count: 15))=1", "foo=\(String(repeating: "v", count: 257))",
            (1...33).map { "m\($0)=1" }.joined(separator: ","), "good=1,bad",
        ] {
            let call = try await service.call(Self.good, "tracestate: \(state)")
            #expect(call.trace == Self.trace && call.state == nil, "\(state)")
        }
        for lines in [
            ["tracestate: foo=1"], ["traceparent: nonsense", "tracestate: foo=1"],
            ["traceparent: ff-\(Self.trace)-\(Self.parent)-01", "tracestate: foo=1"],
            [Self.good, Self.good, "tracestate: foo=1"],
        ] {
            let calls = try await service.calls(lines)
            #expect(calls.count == 1 && calls.first?.state == nil, "\(lines)")
        }
        // Headers beyond what the server takes are refused, and the next request is served.
        let huge = "tracestate: " + String(repeating: "x", count: 200_000)
        let answer = try await service.answer([Self.good, huge])
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(100))")
        #expect(try await service.call(Self.good).trace == Self.trace)
    }
}
