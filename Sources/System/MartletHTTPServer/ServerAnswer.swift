import CMicrohttpd
import MartletLogging
import Synchronization

// Safety: libmicrohttpd copies texts and bytes while it is called, keeps static bytes that never go away, and holds the
// source that is retained here until it calls the function that releases it.

/// Turns answers into libmicrohttpd's.
enum ServerAnswer {
    /// How much of a body in parts is asked for at once.
    private static let blockSize = 32 << 10

    /// Fields that only the server itself writes.
    private static let ownFields: Set<String> = ["content-length", "date", "transfer-encoding"]

    static func queue(_ response: HTTPResponse, for exchange: Exchange, core: ServerCore) -> MHD_Result {
        exchange.stage = .answered
        guard let made = unsafe make(response, for: exchange, core: core) else { return MHD_Result.NO }
        defer { unsafe MHD_destroy_response(made) }
        for (name, value) in response.headers.fields where !ownFields.contains(name.lowercased()) {
            let isAdded = unsafe MHD_add_response_header(made, name, value) == MHD_Result.YES
            if !isAdded {
                core.logger.error("an answer's header field is malformed and left out", ["name": .string(name)])
            }
        }
        if core.isDraining, response.headers["Connection"] == nil {
            unsafe MHD_add_response_header(made, "Connection", "close")
        }
        let status = (100...599).contains(response.status) ? response.status : 500
        core.counters.countAnswer(status: status)
        if case .events = response.body {
            exchange.record.enter(.write, until: .max)
        } else {
            exchange.record.enter(.write, until: core.deadline(after: core.configuration.writeDeadline))
        }
        return unsafe MHD_queue_response(exchange.connection, UInt32(status), made)
    }

    private static func make(_ response: HTTPResponse, for exchange: Exchange, core: ServerCore) -> OpaquePointer? {
        let hasNoBody = response.status == 204 || response.status == 304 || response.status < 200
        switch response.body {
        case .bytes(let bytes):
            let count = hasNoBody ? 0 : bytes.count
            core.counters.bytesSent.add(exchange.head?.method == "HEAD" ? 0 : count, ordering: .relaxed)
            return unsafe bytes.withUnsafeBytes { bytes in
                // It copies; the parameter is not `const` because of the other modes.
                unsafe MHD_create_response_from_buffer(
                    count,
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                    MHD_ResponseMemoryMode.RESPMEM_MUST_COPY
                )
            }
        case .static(let bytes):
            let count = hasNoBody ? 0 : bytes.count
            core.counters.bytesSent.add(exchange.head?.method == "HEAD" ? 0 : count, ordering: .relaxed)
            return unsafe MHD_create_response_from_buffer(
                count,
                UnsafeMutableRawPointer(mutating: bytes.start),
                MHD_ResponseMemoryMode.RESPMEM_PERSISTENT
            )
        case .chunks(let next):
            return unsafe make(.chunks(next), stream: nil, for: exchange, core: core)
        case .events(let stream):
            return unsafe make(.events(stream), stream: stream, for: exchange, core: core)
        }
    }

    private static func make(
        _ origin: AnswerSource.Origin,
        stream: EventStream?,
        for exchange: Exchange,
        core: ServerCore
    ) -> OpaquePointer? {
        let source = unsafe AnswerSource(
            origin,
            connection: exchange.connection,
            core: core,
            record: exchange.record
        )
        exchange.answer(from: source, stream: stream)
        let context = unsafe Unmanaged.passRetained(source)
        let made = unsafe MHD_create_response_from_callback(
            martlet_mhd_size_unknown(),
            blockSize,
            { context, _, buffer, capacity in
                guard let context = unsafe context, let buffer = unsafe buffer else { return -2 }
                let source = unsafe Unmanaged<AnswerSource>.fromOpaque(context).takeUnretainedValue()
                return unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
                    .withMemoryRebound(to: UInt8.self) { unsafe source.read(into: $0) }
            },
            context.toOpaque(),
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<AnswerSource>.fromOpaque(context).release()
            }
        )
        if unsafe made == nil { unsafe context.release() }
        return unsafe made
    }
}
