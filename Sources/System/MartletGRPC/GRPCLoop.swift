import CNghttp2
import MartletHTTPServer
import MartletLogging
import Synchronization

/// The thread that moves the bytes of all connections: waits for what is ready, reads, answers, and closes what is too slow.
final class GRPCLoop {
    private static let listenToken: UInt64 = 0
    private static let wakeToken: UInt64 = 1

    private let core: GRPCCore
    private let epoll: Int32
    private var listening: Int32
    private var connections: [UInt64: GRPCConnection] = [:]
    private var nextToken: UInt64 = 2
    private var nextSweep: Int64 = 0
    private var stopDeadline: Int64?
    /// Whether connections wait in the listening socket that no descriptor was left for.
    private var acceptsLater = false
    private let tick: Int64

    init(_ core: GRPCCore, listening: Int32) {
        self.core = core
        self.listening = listening
        epoll = martlet_epoll_new()
        let configuration = core.configuration
        let shortest = min(
            configuration.prefaceDeadline,
            configuration.requestDeadline,
            configuration.writeDeadline,
            configuration.idleTimeout
        )
        tick = min(max(shortest.nanosecondsClamped / 4, 5_000_000), 1_000_000_000)
    }

    /// Serves until the core says stop and all connections are gone.
    func run() {
        defer { core.end() }
        guard epoll >= 0, martlet_epoll_set(epoll, listening, Self.listenToken, 1, 0) == 0,
            martlet_epoll_set(epoll, core.wake, Self.wakeToken, 1, 0) == 0
        else {
            core.logger.error("the listener for gRPC cannot wait for its sockets and is off")
            if epoll >= 0 { Platform.closeDescriptor(epoll) }
            Platform.closeDescriptor(listening)
            return
        }
        var ready = [martlet_ready](repeating: martlet_ready(), count: 64)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe martlet_epoll_wait(epoll, &ready, Int32(ready.count), timeoutMilliseconds)
            for entry in ready.prefix(Int(max(0, count))) {
                switch entry.token {
                case Self.listenToken: accept()
                case Self.wakeToken: martlet_wake_clear(core.wake)
                default: serve(entry, &buffer)
                }
            }
            let (answers, deadline) = core.take()
            for answer in answers { give(answer) }
            if let deadline, stopDeadline == nil { beginStop(deadline) }
            sweep()
            if let stopDeadline, connections.isEmpty || Platform.monotonicNanoseconds >= stopDeadline { break }
        }
        for connection in Array(connections.values) { close(connection) }
        Platform.closeDescriptor(epoll)
    }

    /// Sleeps for as long as there is nobody to watch.
    private var timeoutMilliseconds: Int32 {
        if connections.isEmpty, stopDeadline == nil, !acceptsLater { return -1 }
        let until = min(nextSweep, stopDeadline ?? .max)
        return Int32(clamping: max(1, (until - Platform.monotonicNanoseconds) / 1_000_000))
    }

    private func accept() {
        // A bound, so that a flood of connections does not keep those that are there from being served.
        for _ in 0..<64 {
            let descriptor = martlet_accept(listening)
            guard descriptor >= 0 else {
                guard martlet_is_exhausted() != 0 else { return }
                // Waiting for the socket would return at once, again and again.
                acceptsLater = true
                martlet_epoll_remove(epoll, listening)
                return
            }
            guard connections.count < core.configuration.connectionsMax,
                let connection = GRPCConnection(core, descriptor: descriptor, token: nextToken),
                martlet_epoll_set(epoll, descriptor, nextToken, 1, 0) == 0
            else {
                core.counters.connectionsRejected.add(1, ordering: .relaxed)
                Platform.closeDescriptor(descriptor)
                continue
            }
            core.counters.connectionsAccepted.add(1, ordering: .relaxed)
            connections[nextToken] = connection
            nextToken += 1
            core.connectionsOpen.store(connections.count, ordering: .relaxed)
        }
    }

    private func serve(_ entry: martlet_ready, _ buffer: inout [UInt8]) {
        guard let connection = connections[entry.token] else { return }
        if entry.is_readable != 0 { connection.read(&buffer) }
        connection.write()
        settle(connection)
    }

    private func give(_ answer: GRPCCore.Answer) {
        guard let connection = connections[answer.connection] else { return }
        connection.answer(answer)
        connection.write()
        settle(connection)
    }

    /// Closes a connection that is over, and waits for what the others need.
    private func settle(_ connection: GRPCConnection) {
        guard !connection.isOver else { return close(connection) }
        guard connection.waitsToWrite != connection.isWaitingToWrite else { return }
        connection.isWaitingToWrite = connection.waitsToWrite
        _ = martlet_epoll_set(epoll, connection.descriptor, connection.token, 0, connection.waitsToWrite ? 1 : 0)
    }

    private func close(_ connection: GRPCConnection) {
        connections[connection.token] = nil
        connection.close()
        martlet_epoll_remove(epoll, connection.descriptor)
        Platform.closeDescriptor(connection.descriptor)
        core.connectionsOpen.store(connections.count, ordering: .relaxed)
    }

    private func beginStop(_ deadline: Int64) {
        stopDeadline = deadline
        martlet_epoll_remove(epoll, listening)
        Platform.closeDescriptor(listening)
        for connection in Array(connections.values) {
            connection.goAway()
            connection.write()
            settle(connection)
        }
    }

    private func sweep() {
        let now = Platform.monotonicNanoseconds
        guard now >= nextSweep else { return }
        nextSweep = now + tick
        if acceptsLater, stopDeadline == nil {
            acceptsLater = martlet_epoll_set(epoll, listening, Self.listenToken, 1, 0) != 0
        }
        for connection in Array(connections.values) {
            connection.expire(now: now)
            connection.write()
            settle(connection)
        }
    }
}
