import CMicrohttpd
import MartletLogging
import Synchronization

/// What the threads of one server share.
final class ServerCore: Sendable {
    private struct Connections {
        var records: [ObjectIdentifier: ConnectionRecord] = [:]
        var countByAddress: [String: Int] = [:]
    }

    let configuration: HTTPServer.Configuration
    let handler: HTTPHandler
    let logger: Logger
    let pool: WorkerPool?
    let counters = ServerCounters()
    private let connections = Mutex(Connections())
    private let draining = Atomic(false)
    /// When the log was last told about a client of HTTP/2; a log that grows with every attempt would be no help.
    private let http2ToldAt = Atomic<Int64>(0)

    init(configuration: HTTPServer.Configuration, handler: @escaping HTTPHandler, logger: Logger, pool: WorkerPool?) {
        self.configuration = configuration
        self.handler = handler
        self.logger = logger
        self.pool = pool
    }

    /// Whether handlers run on the event threads.
    var runsInline: Bool { pool == nil }

    /// Connections beyond the limit that are still let in to be told so.
    var surplusMax: Int { max(16, configuration.connectionsMax / 8) }

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func deadline(after duration: Duration) -> Int64 {
        Platform.monotonicNanoseconds + duration.nanosecondsClamped
    }

    // MARK: Connections

    /// Whether a new connection is let in.
    func accepts(address: String) -> Bool {
        let isAccepted = connections.withLock { connections in
            guard connections.records.count < configuration.connectionsMax + surplusMax else { return false }
            guard let limit = configuration.perAddressConnectionsMax else { return true }
            return connections.countByAddress[address, default: 0] < limit
        }
        if !isAccepted || isDraining {
            counters.connectionsRejected.add(1, ordering: .relaxed)
            return false
        }
        return true
    }

    func open(descriptor: Int32, address: String) -> ConnectionRecord {
        let deadline = deadline(after: configuration.headerDeadline)
        counters.connectionsAccepted.add(1, ordering: .relaxed)
        return connections.withLock { connections in
            let record = ConnectionRecord(
                descriptor: descriptor,
                address: address,
                isSurplus: connections.records.count >= configuration.connectionsMax,
                deadline: deadline
            )
            connections.records[ObjectIdentifier(record)] = record
            connections.countByAddress[address, default: 0] += 1
            return record
        }
    }

    func close(_ record: ConnectionRecord) {
        connections.withLock { connections in
            connections.records[ObjectIdentifier(record)] = nil
            let count = connections.countByAddress[record.address, default: 1] - 1
            connections.countByAddress[record.address] = count > 0 ? count : nil
        }
    }

    var openCount: Int { connections.withLock { $0.records.count } }

    /// Looks at every connection while none of them can be closed under the caller's hands.
    func forEachConnection(_ body: (ConnectionRecord) -> Void) {
        connections.withLock { connections in
            for record in connections.records.values { body(record) }
        }
    }

    /// How many connections have a request in progress.
    var activeCount: Int {
        connections.withLock { $0.records.values.count { $0.exchange != nil } }
    }

    func beginDraining() {
        draining.store(true, ordering: .releasing)
    }

    // MARK: Requests

    /// Gives the handler's request its parts.
    func request(of exchange: Exchange) -> HTTPRequest {
        let head = exchange.head ?? RequestHead(method: "GET", uri: "/", version: "HTTP/1.1", headers: [:])
        var request = HTTPRequest(
            method: head.method == "HEAD" ? "GET" : head.method,
            path: FormEncoding.percentDecoded(exchange.target.path.utf8),
            rawPath: exchange.target.path,
            query: exchange.target.query.isEmpty ? [] : FormEncoding.decode(exchange.target.query),
            headers: head.headers,
            body: exchange.body,
            remoteAddress: exchange.record.address
        )
        exchange.body = []
        if !runsInline { request.isCancelled = { exchange.isClientGone } }
        return request
    }

    /// Checks the header and decides whether the body is read.
    func check(_ head: RequestHead, of exchange: Exchange, headerSize: Int) throws(Refusal) {
        guard !exchange.record.isSurplus else { throw .overloaded("too many connections; try again soon") }
        guard head.uri.utf8.count <= configuration.urlBytesMax else {
            throw Refusal(
                reason: .urlTooLong,
                status: 414,
                message: "URL exceeds the limit of \(configuration.urlBytesMax) bytes"
            )
        }
        guard headerSize <= configuration.headerBytesMax else {
            throw Refusal(
                reason: .headerTooLarge,
                status: 431,
                message: "header exceeds the limit of \(configuration.headerBytesMax) bytes"
            )
        }
        let length = try head.check()
        exchange.target = try head.target()
        exchange.bodyLimit =
            configuration.bodyLimit.map { limit in
                limit(head.method, FormEncoding.percentDecoded(exchange.target.path.utf8))
            } ?? configuration.bodyBytesMax
        switch length {
        case .known(0): break
        case .known(let count):
            guard count <= exchange.bodyLimit else { throw .bodyTooLarge(limit: exchange.bodyLimit) }
            exchange.record.enter(.body, until: deadline(after: configuration.bodyDeadline))
            exchange.body.reserveCapacity(min(count, 1 << 20))
        case .chunked:
            exchange.record.enter(.body, until: deadline(after: configuration.bodyDeadline))
        }
    }

    /// Takes a part of the body; once it is too large the rest is read and dropped, so that the answer arrives.
    ///
    /// - Returns: Whether to go on reading.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>, for exchange: Exchange) -> Bool {
        counters.bytesReceived.add(bytes.count, ordering: .relaxed)
        guard exchange.refusal == nil else {
            exchange.discardedCount += bytes.count
            return exchange.discardedCount <= discardMax
        }
        guard exchange.body.count + bytes.count <= exchange.bodyLimit else {
            refuse(exchange, .bodyTooLarge(limit: exchange.bodyLimit))
            return true
        }
        exchange.heldCount += bytes.count
        let held = counters.bodyBytesInFlight.add(bytes.count, ordering: .relaxed).newValue
        guard held <= configuration.bodyBytesInFlightMax else {
            refuse(exchange, .overloaded("too many bytes in flight; try again soon"))
            return true
        }
        unsafe exchange.body.append(contentsOf: bytes)
        return true
    }

    /// How much of a refused body is read for the sake of a client that listens only when it has sent all.
    private var discardMax: Int { 1 << 20 }

    private func refuse(_ exchange: Exchange, _ refusal: Refusal) {
        exchange.refusal = refusal
        exchange.body = []
        releaseBody(of: exchange)
    }

    private func releaseBody(of exchange: Exchange) {
        counters.bodyBytesInFlight.subtract(exchange.heldCount, ordering: .relaxed)
        exchange.heldCount = 0
    }

    /// The exchange is over, well or not.
    func end(_ exchange: Exchange) {
        releaseBody(of: exchange)
        if exchange.stage != .answered { counters.countAnswer(status: 0) }
        exchange.end()
        exchange.record.exchange = nil
        exchange.record.enter(.idle, until: isDraining ? 0 : deadline(after: configuration.idleTimeout))
    }

    /// What libmicrohttpd says about requests that it refuses by itself, and about trouble.
    func note(_ message: String) {
        if let status = ServerCore.refusedStatus(in: message) {
            counters.countAnswer(status: status)
            if status == 505 { tellHTTP2Client() }
            switch status {
            case 413: counters.countRefusal(.bodyTooLarge)
            case 414: counters.countRefusal(.urlTooLong)
            case 431: counters.countRefusal(.headerTooLarge)
            case 501, 505: counters.countRefusal(.unsupported)
            default: counters.countRefusal(.malformed)
            }
        }
        logger.debug("libmicrohttpd says", ["message": .string(message), "listener": .string(configuration.name)])
    }

    /// Tells a client of HTTP/2 that it is wrong here, and the log about it, as such clients rarely show what they are told.
    ///
    /// libmicrohttpd refuses the version, in words of its own, before it says whose request it is. It is that of the one
    /// connection that has sent the 16 bytes of HTTP/2's first line and of which no request line is known; where several
    /// have, the status has to do. This runs on the event thread, so that this answer goes out before that of
    /// libmicrohttpd, which nobody reads any more. To answer in HTTP/2 would be no better: a client of gRPC takes a
    /// server's settings for success and comes back at once, again and again.
    private func tellHTTP2Client() {
        guard let message = configuration.http2Message else { return }
        let now = Platform.monotonicNanoseconds
        let told = http2ToldAt.load(ordering: .relaxed)
        if told == 0 || now - told > 60_000_000_000 {
            http2ToldAt.store(now, ordering: .relaxed)
            logger.warn(
                "a client speaks HTTP/2",
                ["listener": .string(configuration.name), "remedy": .string(message)]
            )
        }
        guard configuration.tls == nil else { return }
        var candidates: [Int32] = []
        forEachConnection { record in
            guard record.phase == .header, record.exchange == nil, martlet_received_bytes(record.descriptor) >= 16
            else {
                return
            }
            candidates.append(record.descriptor)
        }
        guard candidates.count == 1 else { return }
        let head =
            "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        let answer = "\(head)\(message.utf8.count + 1)\r\nConnection: close\r\n\r\n\(message)\n"
        let bytes = Array(answer.utf8)
        unsafe bytes.withUnsafeBufferPointer { unsafe martlet_send_now(candidates[0], $0.baseAddress, $0.count) }
    }

    static func refusedStatus(in message: String) -> Int? {
        let opening = "Error processing request (HTTP response code is "
        guard message.hasPrefix(opening) else { return nil }
        return Int(message.dropFirst(opening.count).prefix(3))
    }
}
