import CMicrohttpd
import Synchronization

// Safety: everything outside `shared` is touched by the connection's event thread alone, and by the handler's worker only
// while the connection is suspended. The connection's pointer is used while it is suspended (`isWaiting`), by whoever
// takes that flag back, once; or by the event thread.

/// One request and its answer.
@safe
final class Exchange: @unchecked Sendable {
    enum Stage {
        case head
        case body
        case handling
        case answered
    }

    private struct Shared {
        var isWaiting = false
        var isAborted = false
        var response: HTTPResponse?
        var source: AnswerSource?
        var stream: EventStream?
    }

    let uri: String
    /// Where the request line's target stood, as a number to compare.
    let uriStart: UInt
    let connection: OpaquePointer
    let record: ConnectionRecord
    var stage = Stage.head
    var head: RequestHead?
    var target = (path: "", query: "")
    var body: [UInt8] = []
    var bodyLimit = 0
    var refusal: Refusal?
    var discardedCount = 0
    var heldCount = 0

    private let shared = Mutex(Shared())

    init(uri: String, uriStart: UInt, connection: OpaquePointer, record: ConnectionRecord) {
        self.uri = uri
        self.uriStart = uriStart
        unsafe self.connection = unsafe connection
        self.record = record
    }

    /// Suspends the connection until ``complete(_:)`` or ``abort()``.
    func suspend() {
        shared.withLock { shared in
            unsafe MHD_suspend_connection(connection)
            shared.isWaiting = true
        }
    }

    /// Hands over the handler's answer and lets the connection go on; too late, it is dropped.
    func complete(_ response: HTTPResponse) {
        let shouldResume = shared.withLock { shared in
            guard shared.isWaiting else { return false }
            shared.isWaiting = false
            shared.response = response
            return true
        }
        if shouldResume {
            unsafe MHD_resume_connection(connection)
        } else if case .events(let stream) = response.body {
            stream.close()
        }
    }

    /// The handler's answer, or `nil` when the exchange was aborted.
    func takeResponse() -> HTTPResponse? {
        shared.withLock { shared in
            defer { shared.response = nil }
            return shared.response
        }
    }

    /// Remembers what makes the answer's body.
    func answer(from source: AnswerSource, stream: EventStream?) {
        let isAborted = shared.withLock { shared in
            shared.source = source
            shared.stream = stream
            return shared.isAborted
        }
        if isAborted { source.abort() }
    }

    /// The stream that this exchange answers with.
    var stream: EventStream? { shared.withLock { $0.stream } }

    /// Lets go of the connection: a waiting one is closed without an answer, a body in parts ends early.
    func abort() {
        let (shouldResume, source) = shared.withLock { shared in
            shared.isAborted = true
            defer { shared.isWaiting = false }
            return (shared.isWaiting, shared.source)
        }
        if shouldResume { unsafe MHD_resume_connection(connection) }
        source?.abort()
    }

    /// The exchange is over: its stream closes, whatever the reason.
    func end() {
        let (response, stream) = shared.withLock { shared in
            shared.isAborted = true
            defer {
                shared.response = nil
                shared.source = nil
                shared.stream = nil
            }
            return (shared.response, shared.stream)
        }
        stream?.close()
        if let response, case .events(let stream) = response.body { stream.close() }
    }

    /// Whether nobody waits for the answer any more.
    var isClientGone: Bool {
        shared.withLock { shared in
            if shared.isAborted { return true }
            guard shared.isWaiting else { return false }
            return martlet_is_peer_gone(record.descriptor) != 0
        }
    }
}
