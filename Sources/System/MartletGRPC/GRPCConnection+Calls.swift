import CNghttp2
import MartletCompression
import MartletHTTPServer
import Synchronization

extension GRPCConnection {
    /// A call begins.
    func begin(_ id: Int32) {
        let deadline = Platform.monotonicNanoseconds + core.configuration.requestDeadline.nanosecondsClamped
        streams[id] = GRPCStream(deadline: deadline)
    }

    /// Checks a call's header, before its message is read.
    func check(_ id: Int32) {
        guard let stream = streams[id] else { return }
        let configuration = core.configuration
        guard stream.headerBytes <= configuration.headerBytesMax else {
            core.counters.countRefusal(.headerTooLarge)
            let limit = "the header exceeds the limit of \(configuration.headerBytesMax) bytes"
            return refuse(id, stream, GRPCStatus(.resourceExhausted, limit))
        }
        guard stream.method == "POST", stream.isGRPC else {
            core.counters.countRefusal(.unsupported)
            return tellStranger(id, stream)
        }
        guard core.methods[stream.path] != nil else {
            core.counters.countRefusal(.unsupported)
            let known = core.methods.keys.sorted().joined(separator: ", ")
            return refuse(
                id,
                stream,
                GRPCStatus(.unimplemented, "there is no method \(stream.path.prefix(256)); known: \(known)")
            )
        }
        guard ["identity", "gzip"].contains(stream.encoding) else {
            core.counters.countRefusal(.unsupported)
            let problem = "send grpc-encoding identity or gzip; got \"\(stream.encoding.prefix(64))\""
            return refuse(id, stream, GRPCStatus(.unimplemented, problem))
        }
    }

    /// Takes a part of a message.
    func receive(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let stream = streams[id] else { return }
        guard stream.phase == .receiving else { return drop(id, stream, bytes.count) }
        let held = core.counters.bodyBytesInFlight.add(bytes.count, ordering: .relaxed).newValue
        unsafe stream.body.append(contentsOf: bytes)
        guard held <= core.configuration.messageBytesInFlightMax else {
            core.counters.countRefusal(.overloaded)
            return refuse(id, stream, GRPCStatus(.unavailable, "too many bytes in flight; try again soon"))
        }
        guard let count = stream.messageCount else { return }
        let limit = core.configuration.messageBytesMax
        guard count <= limit else {
            core.counters.countRefusal(.bodyTooLarge)
            let problem = "a message of \(count) bytes exceeds the limit of \(limit); send smaller batches"
            return refuse(id, stream, GRPCStatus(.resourceExhausted, problem))
        }
        guard stream.body.count <= GRPCStream.prefixCount + count else {
            core.counters.countRefusal(.malformed)
            return refuse(id, stream, GRPCStatus(.invalidArgument, "the method takes one message; got more"))
        }
        stream.body.reserveCapacity(min(GRPCStream.prefixCount + count, 1 << 20))
    }

    /// Passes over what comes in after the answer, and ends a client's call that goes on for too long.
    private func drop(_ id: Int32, _ stream: GRPCStream, _ count: Int) {
        stream.droppedCount += count
        if stream.phase == .answered, stream.droppedCount > GRPCStream.droppedMax { stop(id) }
    }

    /// Tells a client whose call was answered before its request was whole that it need not send the rest.
    func stop(_ id: Int32) {
        guard let session = unsafe session else { return }
        _ = unsafe martlet_h2_reset(session, id, UInt32(NGHTTP2_NO_ERROR.rawValue))
    }

    /// The client has said all: a worker goes on.
    func finish(_ id: Int32) {
        guard let stream = streams[id] else { return }
        stream.isComplete = true
        guard stream.phase == .receiving else { return }
        guard let count = stream.messageCount, stream.body.count == GRPCStream.prefixCount + count, stream.body[0] <= 1
        else {
            core.counters.countRefusal(.malformed)
            let problem = "the request ends within its message: \(stream.body.count) bytes came, its prefix included"
            return refuse(id, stream, GRPCStatus(.invalidArgument, problem))
        }
        guard stream.body[0] == 0 || stream.encoding == "gzip" else {
            core.counters.countRefusal(.malformed)
            return refuse(
                id,
                stream,
                GRPCStatus(.invalidArgument, "the message is compressed, but grpc-encoding is identity")
            )
        }
        guard core.pool.reserve() else {
            core.counters.countRefusal(.overloaded)
            return refuse(id, stream, GRPCStatus(.unavailable, "all workers are busy; try again soon"))
        }
        stream.phase = .working
        let (core, token, path, address, body) = (core, token, stream.path, address, stream.body)
        stream.body = []
        core.pool.submit {
            let answer: GRPCCore.Answer
            do throws(GRPCStatus) {
                let message = try Self.call(core, path, body, address)
                answer = GRPCCore.Answer(connection: token, stream: id, status: GRPCStatus(.ok), message: message)
            } catch {
                answer = GRPCCore.Answer(connection: token, stream: id, status: error, message: [])
            }
            core.counters.bodyBytesInFlight.subtract(body.count, ordering: .relaxed)
            core.deliver(answer)
        }
    }

    private static func call(
        _ core: GRPCCore,
        _ path: String,
        _ body: [UInt8],
        _ address: String
    ) throws(GRPCStatus) -> [UInt8] {
        guard let method = core.methods[path] else { throw GRPCStatus(.unimplemented, "there is no method \(path)") }
        var message = Array(body[GRPCStream.prefixCount...])
        if body[0] == 1 {
            let limit = core.configuration.messageBytesMax
            do throws(CompressionError) {
                message = try Gzip.decompress(message, limit: limit)
            } catch {
                let isLarge = error == .tooLarge(limit: limit)
                core.counters.countRefusal(isLarge ? .bodyTooLarge : .malformed)
                throw GRPCStatus(
                    isLarge ? .resourceExhausted : .invalidArgument,
                    "cannot decompress the message: \(error)"
                )
            }
        }
        return try method(
            GRPCRequest(method: path, message: message, bytesReceived: body.count, remoteAddress: address)
        )
    }

    // MARK: Answers

    /// Sends what a worker has answered, if the client still waits.
    func answer(_ answer: GRPCCore.Answer) {
        guard let stream = streams[answer.stream], stream.phase == .working else { return }
        guard answer.status.code == .ok else { return refuse(answer.stream, stream, answer.status) }
        stream.phase = .answering
        stream.status = answer.status
        let count = UInt32(clamping: answer.message.count)
        stream.answer = [
            0, UInt8(count >> 24), UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff),
        ]
        stream.answer += answer.message
        core.counters.countAnswer(status: 200)
        submit(answer.stream, Self.head, withBody: true)
    }

    /// Ends a call with a status and no message.
    func refuse(_ id: Int32, _ stream: GRPCStream, _ status: GRPCStatus) {
        release(stream)
        stream.phase = .answering
        core.counters.countAnswer(status: status.code.httpStatus)
        submit(id, Self.head + Self.trailer(status), withBody: false)
    }

    /// Answers HTTP/2 that is not gRPC in HTTP's own way.
    private func tellStranger(_ id: Int32, _ stream: GRPCStream) {
        stream.phase = .answering
        stream.answer = Array("\(core.configuration.wrongProtocolMessage)\n".utf8)
        core.counters.countAnswer(status: 415)
        submit(id, [(":status", "415"), ("content-type", "text/plain; charset=utf-8")], withBody: true)
    }

    /// Forgets a message that no worker will take.
    func release(_ stream: GRPCStream) {
        guard stream.phase == .receiving else { return }
        core.counters.bodyBytesInFlight.subtract(stream.body.count, ordering: .relaxed)
        stream.body = []
    }

    /// The next part of an answer's body.
    func fill(_ id: Int32, _ bytes: UnsafeMutableBufferPointer<UInt8>) -> (count: Int, flags: UInt32) {
        guard let stream = streams[id] else { return (0, martlet_h2_end_of_body(0)) }
        let count = min(bytes.count, stream.answer.count - stream.sentCount)
        _ = unsafe bytes.update(from: stream.answer[stream.sentCount..<stream.sentCount + count])
        stream.sentCount += count
        guard stream.sentCount == stream.answer.count else { return (count, 0) }
        guard let status = stream.status, let session = unsafe session else {
            return (count, martlet_h2_end_of_body(0))
        }
        let fields = Self.bytes(Self.trailer(status))
        _ = unsafe fields.withUnsafeBufferPointer {
            unsafe martlet_h2_trailer(session, id, $0.baseAddress, $0.count)
        }
        return (count, martlet_h2_end_of_body(1))
    }

    private static let head = [
        (":status", "200"), ("content-type", "application/grpc"), ("grpc-accept-encoding", "identity,gzip"),
    ]

    private static func trailer(_ status: GRPCStatus) -> [(String, String)] {
        let code = [("grpc-status", String(status.code.rawValue))]
        return status.message.isEmpty ? code : code + [("grpc-message", status.encodedMessage)]
    }

    private func submit(_ id: Int32, _ fields: [(String, String)], withBody: Bool) {
        guard let session = unsafe session else { return }
        let bytes = Self.bytes(fields)
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe martlet_h2_answer(
                session,
                id,
                $0.baseAddress,
                $0.count,
                withBody ? SessionCallbacks.fill : nil
            )
        }
        if status != 0 { _ = unsafe martlet_h2_reset(session, id, UInt32(NGHTTP2_INTERNAL_ERROR.rawValue)) }
    }

    /// Names and values in turn, each with a zero byte at its end.
    private static func bytes(_ fields: [(String, String)]) -> [CChar] {
        fields.flatMap { name, value in
            (Array(name.utf8) + [0] + Array(value.utf8) + [0]).map { CChar(bitPattern: $0) }
        }
    }
}
