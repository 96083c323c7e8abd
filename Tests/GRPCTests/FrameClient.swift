import CNghttp2
import Foundation
import Testing

/// A client that writes HTTP/2 frame by frame, so that a test can send what no library would.
final class FrameClient {
    struct Frame {
        let type: UInt8
        let flags: UInt8
        let stream: Int32
        let payload: [UInt8]
    }

    /// What came back for one call.
    struct Answer {
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// The code of the reset that ended it, if one did.
        var reset: UInt32?
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let (data, headers, reset, settings, ping, goAway): (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
        (0, 1, 3, 4, 6, 7)

    let descriptor: Int32
    private var inflater: OpaquePointer?
    private var received: [UInt8] = []
    private(set) var frames: [Frame] = []
    /// How many bytes the server takes now: of the connection, of a new stream, of the streams that have sent some.
    private var window = 65_535
    private var streamWindow = 65_535
    private var windows: [Int32: Int] = [:]

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0)
        nghttp2_hd_inflate_new(&inflater)
    }

    deinit {
        nghttp2_hd_inflate_del(inflater)
        close(descriptor)
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The preface, and settings that are none; then the server's are taken.
    func begin(acknowledges: Bool = true) {
        send(Self.preface + Self.frame(Self.settings, 0, 0, []))
        while let frame = next() {
            guard frame.type == Self.settings, frame.flags & 1 == 0 else { continue }
            for entry in stride(from: 0, to: frame.payload.count - 5, by: 6) where frame.payload[entry + 1] == 4 {
                streamWindow = frame.payload[(entry + 2)..<(entry + 6)].reduce(0) { $0 << 8 | Int($1) }
            }
            if acknowledges { send(Self.frame(Self.settings, 1, 0, [])) }
            return
        }
    }

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: Int32, _ payload: [UInt8]) -> [UInt8] {
        var frame = Array(bytes(UInt32(payload.count)).dropFirst())
        frame += [type, flags]
        frame += bytes(UInt32(bitPattern: stream))
        return frame + payload
    }

    /// The header of a call, each field written out, without a table.
    static func header(_ path: String, _ more: [(String, String)] = [], method: String = "POST") -> [UInt8] {
        let fields =
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "x"), ("te", "trailers")] + more
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            block += length(name.utf8.count)
            block += Array(name.utf8)
            block += length(value.utf8.count)
            block += Array(value.utf8)
        }
        return block
    }

    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 127 else { return [UInt8(count)] }
        var (rest, bytes): (Int, [UInt8]) = (count - 127, [127])
        while rest >= 128 {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// A message with its prefix.
    static func message(_ bytes: [UInt8], isCompressed: Bool = false, count: Int? = nil) -> [UInt8] {
        let prefix: [UInt8] = [isCompressed ? 1 : 0] + Self.bytes(UInt32(count ?? bytes.count))
        return prefix + bytes
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    /// Sends a whole call.
    func call(
        _ stream: Int32,
        _ path: String,
        _ body: [UInt8],
        _ more: [(String, String)] = [("content-type", "application/grpc")],
        method: String = "POST",
        ends: Bool = true
    ) {
        send(Self.frame(Self.headers, 4, stream, Self.header(path, more, method: method)))
        var rest = body[...]
        repeat {
            var limit = min(16_384, window, windows[stream, default: streamWindow])
            while !rest.isEmpty, limit == 0 {
                guard next() != nil else { return }
                limit = min(16_384, window, windows[stream, default: streamWindow])
            }
            let part = rest.prefix(limit)
            rest = rest.dropFirst(limit)
            window -= part.count
            windows[stream, default: streamWindow] -= part.count
            send(Self.frame(Self.data, rest.isEmpty && ends ? 1 : 0, stream, Array(part)))
        } while !rest.isEmpty
    }

    /// The next frame, `nil` where the server has closed.
    func next() -> Frame? {
        while true {
            if received.count >= 9 {
                let count = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
                if received.count >= 9 + count {
                    let id = received[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
                    let frame = Frame(
                        type: received[3],
                        flags: received[4],
                        stream: Int32(id),
                        payload: Array(received[9..<9 + count])
                    )
                    received.removeFirst(9 + count)
                    frames.append(frame)
                    if frame.type == 8 {
                        let more = frame.payload.reduce(0) { $0 << 8 | Int($1) }
                        if id == 0 { window += more } else { windows[Int32(id), default: streamWindow] += more }
                    }
                    return frame
                }
            }
            guard let bytes = receive() else { return nil }
            received += bytes
        }
    }

    /// The bytes that come next, `nil` at the end.
    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// All that comes until the server closes, as text.
    func rest() -> String {
        var bytes: [UInt8] = []
        while let more = receive() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads until a call has its answer, or the server closes.
    func answer(to stream: Int32) -> Answer? {
        var answer = Answer()
        while let frame = next() {
            // The table of header fields is the connection's, so that all have to be read.
            if frame.type == Self.headers { read(frame.payload, into: &answer.fields) }
            guard frame.stream == stream else { continue }
            switch frame.type {
            case Self.data: answer.body += frame.payload
            case Self.reset:
                answer.reset = frame.payload.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                return answer
            default: break
            }
            if frame.type != Self.reset, frame.flags & 1 != 0 { return answer }
        }
        return nil
    }

    private func read(_ payload: [UInt8], into fields: inout [String: String]) {
        var rest = payload[...]
        while true {
            var (entry, flags) = (nghttp2_nv(), Int32(0))
            let used = rest.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &entry, &flags, $0.baseAddress, $0.count, 1)
            }
            guard used >= 0 else { return }
            rest = rest.dropFirst(used)
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = String(decoding: UnsafeBufferPointer(start: entry.name, count: entry.namelen), as: UTF8.self)
                let value = UnsafeBufferPointer(start: entry.value, count: entry.valuelen)
                fields[name] = String(decoding: value, as: UTF8.self)
            }
            if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                nghttp2_hd_inflate_end_headers(inflater)
                return
            }
            if rest.isEmpty, flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) == 0 { return }
        }
    }
}
