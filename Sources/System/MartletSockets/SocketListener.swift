#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

// Safety: descriptors belong to the listener's thread from `start` to its end, save for the pipe that wakes it, whose writing end
// is closed only after the thread ended. Buffers are handed to the system with their own counts.

/// Listens on one address, for datagrams or connections, with one thread that reads them all.
///
/// ```swift
/// let listener = try SocketListener(.init(kind: .datagrams, host: "127.0.0.1", port: 0), handler: handler)
/// listener.start()
/// …
/// listener.stop()
/// ```
@safe public final class SocketListener: @unchecked Sendable {
    /// What is listened for.
    public enum Kind: Sendable {
        /// UDP.
        case datagrams
        /// TCP.
        case connections
    }

    /// Where and how to listen.
    public struct Configuration: Sendable {
        /// What is listened for.
        public var kind: Kind
        /// The address, as digits; `localhost` is 127.0.0.1.
        public var host: String
        /// The port; 0 lets the system choose.
        public var port: Int
        /// How many connections may be open at once, 256 unless said otherwise; more are closed at once, and counted.
        public var connectionsMax = 256
        /// After how many seconds without a byte a connection is closed, 3,600 unless said otherwise.
        public var idleSeconds = 3_600
        /// How many bytes of datagrams the system may hold, 4 MiB unless said otherwise, as far as it allows.
        public var receiveBufferBytes = 4 << 20

        /// Creates a configuration.
        public init(kind: Kind, host: String, port: Int) {
            self.kind = kind
            self.host = host
            self.port = port
        }
    }

    private struct Connection {
        var descriptor: Int32
        var peer: String
        var lastByte: ContinuousClock.Instant
    }

    /// The port that is listened on.
    public let port: Int

    private let configuration: Configuration
    private let handler: any SocketHandler
    private let descriptor: Int32
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let refused = Atomic<Int>(0)
    private let opened = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<pthread_t?>(nil)

    // Of the thread alone.
    private var connections: [Int: Connection] = [:]
    private var lastConnection = 0
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Binds to the address; nothing is read before ``start()``.
    ///
    /// - Throws: ``SocketError`` where the address is taken or none of this machine.
    public init(_ configuration: Configuration, handler: any SocketHandler) throws(SocketError) {
        self.configuration = configuration
        self.handler = handler
        let name = "\(configuration.host):\(configuration.port)/\(configuration.kind == .datagrams ? "udp" : "tcp")"
        guard let address = SocketAddress(host: configuration.host, port: configuration.port) else {
            throw SocketError(description: "cannot listen on \(name): the host is not an address in digits")
        }
        let type = configuration.kind == .datagrams ? Int32(SOCK_DGRAM.rawValue) : Int32(SOCK_STREAM.rawValue)
        descriptor = socket(address.family, type | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("listen on \(name)") }
        Self.set(descriptor, SO_REUSEADDR, configuration.kind == .connections ? 1 : 0)
        if configuration.kind == .datagrams {
            Self.set(descriptor, SO_RCVBUF, Int32(clamping: configuration.receiveBufferBytes))
        }
        guard address.bind(descriptor) else {
            let error = Self.failure("listen on \(name)")
            close(descriptor)
            throw error
        }
        if configuration.kind == .connections, listen(descriptor, 128) != 0 {
            let error = Self.failure("listen on \(name)")
            close(descriptor)
            throw error
        }
        port = SocketAddress.localPort(of: descriptor) ?? configuration.port
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            let error = Self.failure("listen on \(name)")
            close(descriptor)
            throw error
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        keepToSelf(wakeReader)
        keepToSelf(wakeWriter)
    }

    deinit {
        close(descriptor)
        close(wakeReader)
        close(wakeWriter)
    }

    /// How many connections were closed at once because there were too many.
    public var refusedConnections: Int { refused.load(ordering: .relaxed) }

    /// How many connections are open.
    public var openConnections: Int { opened.load(ordering: .relaxed) }

    /// Begins to read.
    public func start() {
        let context = unsafe Unmanaged.passRetained(self)
        var made = pthread_t()
        guard unsafe pthread_create(&made, nil, socketListenerMain, context.toOpaque()) == 0 else {
            unsafe context.release()
            return
        }
        thread.withLock { $0 = made }
    }

    /// Reads what has arrived, tells the handler, closes all connections and ends the thread.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        var byte: UInt8 = 0
        _ = unsafe write(wakeWriter, &byte, 1)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
    }

    // MARK: The thread

    fileprivate func run() {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            let ready = wait(milliseconds: isLast ? 0 : 1_000)
            for descriptor in ready.descriptors { take(descriptor) }
            closeIdle()
            handler.roundEnded()
            if isLast { break }
        }
        for id in connections.keys.sorted() { end(id) }
        handler.roundEnded()
    }

    private func wait(milliseconds: Int32) -> (descriptors: [Int32], count: Int) {
        var polled = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
        ]
        for connection in connections.values {
            polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
        guard count > 0 else { return ([], 0) }
        return (polled.filter { $0.revents != 0 && $0.fd != wakeReader }.map(\.fd), Int(count))
    }

    private func take(_ ready: Int32) {
        if ready != descriptor {
            guard let id = connections.first(where: { $0.value.descriptor == ready })?.key else { return }
            readConnection(id)
        } else if configuration.kind == .connections {
            acceptConnections()
        } else {
            readDatagrams()
        }
    }

    private func acceptConnections() {
        // As many as wait, but not for ever.
        for _ in 0..<64 {
            guard let (accepted, peer) = SocketAddress.accept(on: descriptor) else { return }
            guard connections.count < configuration.connectionsMax else {
                refused.add(1, ordering: .relaxed)
                close(accepted)
                continue
            }
            lastConnection += 1
            connections[lastConnection] = Connection(descriptor: accepted, peer: peer, lastByte: .now)
            opened.store(connections.count, ordering: .relaxed)
        }
    }

    private func readConnection(_ id: Int) {
        // A few pieces each, so that one sender does not keep the others waiting.
        for _ in 0..<8 {
            guard let connection = connections[id] else { return }
            let capacity = buffer.count
            let count = unsafe recv(connection.descriptor, &buffer, capacity, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count > 0 else { return end(id) }
            connections[id]?.lastByte = .now
            handler.received(buffer[..<count], connection: id, peer: connection.peer)
            if count < capacity { return }
        }
    }

    private func readDatagrams() {
        for _ in 0..<1_024 {
            let capacity = buffer.count
            guard let (count, peer) = SocketAddress.receive(on: descriptor, into: &buffer, capacity: capacity) else {
                return
            }
            handler.received(buffer[..<count], connection: 0, peer: peer)
        }
    }

    private func closeIdle() {
        let now = ContinuousClock.now
        for (id, connection) in connections where now - connection.lastByte > .seconds(configuration.idleSeconds) {
            end(id)
        }
    }

    private func end(_ id: Int) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        close(connection.descriptor)
        opened.store(connections.count, ordering: .relaxed)
        handler.closed(connection: id)
    }

    private static func set(_ descriptor: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        // What the system refuses stays at its default, which works too.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ operation: String) -> SocketError {
        let code = errno
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let remedy =
            code == EADDRINUSE ? "; choose another port" : code == EACCES ? "; ports below 1024 need the right to" : ""
        return SocketError(description: "cannot \(operation): \(reason.lowercased())\(remedy)")
    }
}

private func socketListenerMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        let listener = unsafe Unmanaged<SocketListener>.fromOpaque(context).takeRetainedValue()
        listener.run()
    }
    return nil
}
