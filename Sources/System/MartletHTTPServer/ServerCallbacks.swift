import CMicrohttpd
import Synchronization

// Safety: libmicrohttpd calls these on its event threads. The context is the server's core, retained for the daemon's
// life (see `Daemon`); a socket's context is its record, retained from the notice of its opening to that of its closing;
// a request's is its exchange, retained from the request line to the notice of completion.

/// The functions that libmicrohttpd calls.
enum ServerCallbacks {
    static func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
        unsafe context.map { unsafe Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
    }

    static func addressText(_ address: UnsafePointer<sockaddr>?) -> String {
        var text = [CChar](repeating: 0, count: 64)
        unsafe martlet_address_text(address, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func connectionChanged(
        _ core: ServerCore,
        _ connection: OpaquePointer,
        _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
        isOpen: Bool
    ) {
        if isOpen {
            let record = unsafe core.open(
                descriptor: martlet_mhd_descriptor(connection),
                address: addressText(martlet_mhd_address(connection))
            )
            unsafe slot.pointee = Unmanaged.passRetained(record).toOpaque()
        } else if let context = unsafe slot.pointee {
            let record = unsafe Unmanaged<ConnectionRecord>.fromOpaque(context).takeRetainedValue()
            unsafe slot.pointee = nil
            core.close(record)
        }
    }

    /// Begins an exchange with its request line.
    static func requestLine(
        _ core: ServerCore,
        _ uri: UnsafePointer<CChar>,
        _ connection: OpaquePointer
    ) -> UnsafeMutableRawPointer? {
        guard let context = unsafe martlet_mhd_socket_context(connection) else { return nil }
        let record = unsafe Unmanaged<ConnectionRecord>.fromOpaque(context).takeUnretainedValue()
        let exchange = unsafe Exchange(
            uri: String(cString: uri),
            uriStart: UInt(bitPattern: uri),
            connection: connection,
            record: record
        )
        if record.phase == .idle {
            record.enter(.header, until: core.deadline(after: core.configuration.headerDeadline))
        }
        record.exchange = exchange
        return unsafe Unmanaged.passRetained(exchange).toOpaque()
    }

    /// Goes on with an exchange: header, each part of the body, end of the body, and after each suspension.
    static func proceed(
        _ core: ServerCore,
        _ exchange: Exchange,
        method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>,
        upload: UnsafePointer<CChar>?,
        uploadSize: UnsafeMutablePointer<Int>
    ) -> MHD_Result {
        switch exchange.stage {
        case .head:
            let isIntact = unsafe HeaderCollector.isIntactRequestLine(
                method: method,
                uriStart: exchange.uriStart,
                uriCount: exchange.uri.utf8.count,
                version: version
            )
            return unsafe beginRequest(core, exchange, String(cString: method), String(cString: version), isIntact)
        case .body:
            let count = unsafe uploadSize.pointee
            guard count == 0 else {
                unsafe uploadSize.pointee = 0
                let goesOn = unsafe UnsafeRawBufferPointer(start: upload, count: count).withMemoryRebound(
                    to: UInt8.self
                ) {
                    unsafe core.receive($0, for: exchange)
                }
                return goesOn ? MHD_Result.YES : MHD_Result.NO
            }
            if let refusal = exchange.refusal { return refuse(core, exchange, refusal) }
            return handle(core, exchange)
        case .handling:
            guard let response = exchange.takeResponse() else { return MHD_Result.NO }
            return ServerAnswer.queue(response, for: exchange, core: core)
        case .answered:
            return MHD_Result.YES
        }
    }

    private static func beginRequest(
        _ core: ServerCore,
        _ exchange: Exchange,
        _ method: String,
        _ version: String,
        _ isIntact: Bool
    ) -> MHD_Result {
        let headerSize = unsafe martlet_mhd_header_size(exchange.connection)
        core.counters.bytesReceived.add(headerSize, ordering: .relaxed)
        do throws(Refusal) {
            guard isIntact else { throw .malformed("malformed request line") }
            let fields = try unsafe HeaderCollector.fields(of: exchange.connection)
            let head = RequestHead(method: method, uri: exchange.uri, version: version, headers: HTTPHeaders(fields))
            exchange.head = head
            try core.check(head, of: exchange, headerSize: headerSize)
            exchange.stage = .body
            return MHD_Result.YES
        } catch {
            return refuse(core, exchange, error)
        }
    }

    private static func refuse(_ core: ServerCore, _ exchange: Exchange, _ refusal: Refusal) -> MHD_Result {
        core.counters.countRefusal(refusal.reason)
        return ServerAnswer.queue(refusal.response, for: exchange, core: core)
    }

    /// Runs the handler, on a worker if there are any; the event thread never waits for it.
    private static func handle(_ core: ServerCore, _ exchange: Exchange) -> MHD_Result {
        exchange.record.enter(.handler, until: .max)
        let request = core.request(of: exchange)
        guard let pool = core.pool else {
            return ServerAnswer.queue(core.handler(request), for: exchange, core: core)
        }
        guard pool.reserve() else {
            return refuse(core, exchange, .overloaded("all workers are busy; try again soon"))
        }
        exchange.stage = .handling
        exchange.suspend()
        let handler = core.handler
        pool.submit { exchange.complete(handler(request)) }
        return MHD_Result.YES
    }
}
