import CNghttp2
import MartletHTTPServer
import Synchronization

// Safety: the session lives from `init` to `close`, and only the loop's thread uses it. nghttp2 calls back with this object's
// address while one of its functions runs, which the loop calls while it holds the connection.

/// One connection: its socket, its HTTP/2 session and its calls.
@safe
final class GRPCConnection {
    /// The bytes that every HTTP/2 client sends first.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// How much of what a client of another protocol sends is read, so that it gets to the answer.
    private static let discardMax = 1 << 20

    let core: GRPCCore
    let descriptor: Int32
    let token: UInt64
    let address: String
    var streams: [Int32: GRPCStream] = [:]
    /// What the loop has told the system to wait for.
    var isWaitingToWrite = false

    private(set) var session: OpaquePointer?
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var prefaceCount = 0
    private var isBroken = false
    private var isGoingAway = false
    /// Until when a client of another protocol may read what it is told.
    private var farewellDeadline: Int64?
    private var discardedCount = 0
    private let opened: Int64
    private var lastActivity: Int64
    private var writeBlockedSince: Int64?
    var hasHeardFrame = false
    private var resetCount = 0
    private var resetsSince: Int64 = 0

    init?(_ core: GRPCCore, descriptor: Int32, token: UInt64) {
        self.core = core
        self.descriptor = descriptor
        self.token = token
        address = Platform.peerAddress(of: descriptor)
        opened = Platform.monotonicNanoseconds
        lastActivity = opened
        let configuration = core.configuration
        var settings = martlet_h2_settings(
            streams_max: UInt32(clamping: configuration.streamsMax),
            window_bytes: UInt32(clamping: min(configuration.windowBytes, 1 << 28)),
            header_bytes_max: UInt32(clamping: configuration.headerBytesMax)
        )
        var callbacks = SessionCallbacks.all
        unsafe session = martlet_h2_new(&callbacks, &settings, Unmanaged.passUnretained(self).toOpaque())
        if unsafe session == nil { return nil }
    }

    /// Whether there is nothing more to do but to close it.
    var isOver: Bool {
        if isBroken { return true }
        guard pendingStart == pending.count else { return false }
        if farewellDeadline != nil { return false }
        if isGoingAway, streams.values.allSatisfy({ $0.phase == .answered }) { return true }
        guard let session = unsafe session else { return true }
        guard prefaceCount == Self.preface.count else { return isGoingAway }
        return unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Whether bytes wait for the socket to take them.
    var waitsToWrite: Bool { pendingStart < pending.count }

    // MARK: Bytes

    /// Reads what is there, up to a bound, so that one connection does not keep the others waiting.
    func read(_ buffer: inout [UInt8]) {
        for _ in 0..<8 where !isBroken {
            let count = unsafe martlet_receive(descriptor, &buffer, buffer.count)
            if count == -1 { return }
            guard count > 0 else {
                isBroken = true
                return
            }
            lastActivity = Platform.monotonicNanoseconds
            core.counters.bytesReceived.add(count, ordering: .relaxed)
            take(buffer[..<count])
            if count < buffer.count { return }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        guard farewellDeadline == nil else {
            discardedCount += bytes.count
            if discardedCount > Self.discardMax { isBroken = true }
            return
        }
        if prefaceCount < Self.preface.count {
            let count = min(bytes.count, Self.preface.count - prefaceCount)
            guard bytes.prefix(count).elementsEqual(Self.preface[prefaceCount..<prefaceCount + count]) else {
                return tellForeigner(bytes)
            }
            prefaceCount += count
        }
        guard let session = unsafe session else { return }
        let used = unsafe bytes.withUnsafeBufferPointer {
            unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count)
        }
        guard used < 0 else { return }
        core.counters.countRefusal(.malformed)
        isBroken = true
    }

    /// Writes what there is to write, as far as the socket takes it.
    func write() {
        guard !isBroken else { return }
        flush()
        // Settings sent before the client has shown its language would hide the sentence for a client of HTTP/1.
        guard prefaceCount == Self.preface.count, let session = unsafe session else { return }
        while pendingStart == pending.count, !isBroken {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            guard count >= 0 else {
                isBroken = true
                return
            }
            guard count > 0, let bytes = unsafe bytes else { return }
            unsafe pending.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            // Frames are small: several go out in one call.
            while pending.count < 16 << 10 {
                var more: UnsafePointer<UInt8>?
                let moreCount = unsafe nghttp2_session_mem_send(session, &more)
                guard moreCount > 0, let more = unsafe more else { break }
                unsafe pending.append(contentsOf: UnsafeBufferPointer(start: more, count: moreCount))
            }
            flush()
        }
    }

    private func flush() {
        while pendingStart < pending.count {
            let sent = unsafe pending.withUnsafeBufferPointer { bytes in
                unsafe martlet_send(
                    descriptor,
                    bytes.baseAddress.map { unsafe $0 + pendingStart },
                    bytes.count - pendingStart
                )
            }
            if sent == -2 { isBroken = true }
            guard sent > 0 else {
                if writeBlockedSince == nil { writeBlockedSince = Platform.monotonicNanoseconds }
                return
            }
            pendingStart += sent
            core.counters.bytesSent.add(sent, ordering: .relaxed)
        }
        writeBlockedSince = nil
        pending.removeAll(keepingCapacity: pending.capacity <= 64 << 10)
        pendingStart = 0
        if farewellDeadline != nil { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// Answers a client of HTTP/1 in its language, and anybody else by closing.
    private func tellForeigner(_ bytes: ArraySlice<UInt8>) {
        core.counters.countRefusal(.unsupported)
        deleteSession()
        // A method's letter. A TLS client begins with 0x16 and understands no sentence.
        guard let first = bytes.first, prefaceCount > 0 || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
        else {
            isBroken = true
            return
        }
        let message = core.configuration.wrongProtocolMessage + "\n"
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        pending = Array("\(head)\(message.utf8.count)\r\nConnection: close\r\n\r\n\(message)".utf8)
        pendingStart = 0
        farewellDeadline = Platform.monotonicNanoseconds + 2_000_000_000
        core.counters.countAnswer(status: 400)
    }

    // MARK: Time

    /// Closes what is too slow.
    func expire(now: Int64) {
        let configuration = core.configuration
        if let farewellDeadline {
            if now >= farewellDeadline { isBroken = true }
            return
        }
        if let writeBlockedSince, now - writeBlockedSince >= configuration.writeDeadline.nanosecondsClamped {
            core.counters.countTimeout(.write)
            isBroken = true
        } else if !hasHeardFrame, now - opened >= configuration.prefaceDeadline.nanosecondsClamped {
            core.counters.countTimeout(.header)
            isBroken = true
        } else if streams.isEmpty, now - lastActivity >= configuration.idleTimeout.nanosecondsClamped, !isGoingAway {
            core.counters.countTimeout(.idle)
            goAway()
        }
        for (id, stream) in streams where now >= stream.deadline {
            if stream.phase == .answered { stop(id) }
            guard stream.phase == .receiving else { continue }
            core.counters.countTimeout(.body)
            refuse(
                id,
                stream,
                GRPCStatus(.unavailable, "the request did not arrive within \(configuration.requestDeadline)")
            )
        }
    }

    /// Tells the client to make no more calls here; the connection ends with those that it has open.
    func goAway() {
        guard !isGoingAway, farewellDeadline == nil, let session = unsafe session else { return }
        isGoingAway = true
        _ = unsafe martlet_h2_go_away(session)
    }

    /// Counts calls that the client has taken back; too many at a time end the connection.
    func countReset() {
        let now = Platform.monotonicNanoseconds
        if now - resetsSince > 1_000_000_000 { (resetsSince, resetCount) = (now, 0) }
        resetCount += 1
        guard resetCount > core.configuration.resetsMax, let session = unsafe session else { return }
        core.counters.countRefusal(.overloaded)
        resetCount = 0
        _ = unsafe martlet_h2_terminate(session, UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue))
    }

    /// Gives up what the connection holds; the loop closes the socket.
    func close() {
        for stream in streams.values { release(stream) }
        streams = [:]
        deleteSession()
    }

    private func deleteSession() {
        guard let deleted = unsafe session else { return }
        unsafe session = nil
        unsafe nghttp2_session_del(deleted)
    }
}
