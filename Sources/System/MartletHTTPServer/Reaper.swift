import CMicrohttpd
import Synchronization

/// The thread that closes connections whose time is up and keeps event streams alive.
///
/// libmicrohttpd only knows how long a connection has been silent; a client that sends a byte now and then would hold it
/// for ever.
final class Reaper: Sendable {
    private let core: ServerCore
    private let stopping = Semaphore()
    private let thread = Mutex<SystemThread?>(nil)
    private let tick: Int64

    init?(_ core: ServerCore) {
        self.core = core
        let configuration = core.configuration
        let shortest = min(
            configuration.headerDeadline,
            configuration.bodyDeadline,
            configuration.writeDeadline,
            configuration.idleTimeout,
            configuration.heartbeatInterval
        )
        tick = min(max(shortest.nanosecondsClamped / 4, 5_000_000), 250_000_000)
        guard let thread = SystemThread(name: "\(configuration.name)-reaper", { [self] in run() }) else { return nil }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the thread.
    func stop() {
        stopping.signal()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func run() {
        while !stopping.wait(untilNanoseconds: Platform.monotonicNanoseconds + tick) { sweep() }
    }

    private func sweep() {
        let now = Platform.monotonicNanoseconds
        let heartbeat = core.configuration.heartbeatInterval.nanosecondsClamped
        var streams: [EventStream] = []
        var abandoned: [EventStream] = []
        core.forEachConnection { record in
            if record.deadline <= now {
                core.counters.countTimeout(record.phase)
                record.extend(to: .max)
                Platform.breakConnection(record.descriptor)
            }
            guard record.phase == .write, let stream = record.exchange?.stream else { return }
            if stream.isOverflowed {
                core.counters.slowEventClients.add(1, ordering: .relaxed)
                record.enter(.idle, until: .max)
                Platform.breakConnection(record.descriptor)
            } else if martlet_is_peer_gone(record.descriptor) != 0 {
                abandoned.append(stream)
            } else {
                streams.append(stream)
            }
        }
        // Outside the lock on the connections: sending resumes them.
        for stream in abandoned { stream.close() }
        for stream in streams {
            stream.beat(now: now, interval: heartbeat)
        }
    }
}
