public import MartletCore
import MartletLogFormats
public import MartletLogging
import MartletOTLP
public import MartletSockets
import Synchronization

/// Receives syslog over UDP or TCP: RFC 5424 and RFC 3164, framed by octet counts or line feeds.
public final class SyslogInput: SocketHandler {
    private struct State: Sendable {
        var parser: LineParser
        var framers: [Int: SyslogFramer] = [:]
        var batch = LogBatch()
    }

    /// What the input counts.
    public let numbers: LogInputNumbers

    private let limits: LogInputLimits
    private let attributes: [Attribute]
    private let clock: any WallClock
    private let delivery: LogDelivery
    private let state: Mutex<State>
    private let isStopping: StopFlag

    /// Creates an input; a ``MartletSockets/SocketListener`` reads for it.
    ///
    /// - Parameters:
    ///   - name: The input's name, as it stands in metrics.
    ///   - attributes: What is known of where the records come from.
    ///   - utcOffset: How many seconds times without a zone are ahead of UTC.
    ///   - target: Takes the records.
    ///   - clock: Tells when messages arrive.
    ///   - logger: Is told of what goes wrong.
    public init(
        name: String,
        attributes: [Attribute] = [],
        utcOffset: Int64,
        target: any LogTarget,
        clock: any WallClock,
        logger: Logger
    ) {
        numbers = LogInputNumbers(name)
        limits = LogInputLimits()
        self.attributes = attributes
        self.clock = clock
        let flag = StopFlag()
        isStopping = flag
        delivery = LogDelivery(target: target, numbers: numbers, logger: logger) { flag.pause(milliseconds: 250) }
        state = Mutex(State(parser: LineParser(.syslog, limits: LogInputLimits(), utcOffset: utcOffset)))
    }

    /// Tells the input that it will be stopped, so that it waits for nothing any more.
    public func willStop() { isStopping.stop() }

    /// Takes bytes in: a piece of a connection's stream, or one whole datagram.
    public func received(_ bytes: ArraySlice<UInt8>, connection: Int, peer: String) {
        numbers.change { $0.bytes += bytes.count }
        let observed = clock.nanosecondsSinceEpoch
        let isFull = state.withLock { state in
            let messages: [LineFramer.Line]
            if connection == 0 {
                messages = Self.datagram(bytes, limit: limits.lineBytes)
            } else {
                messages = state.framers[connection, default: SyslogFramer(limit: limits.lineBytes)].take(bytes)
            }
            for message in messages { add(message, peer, observed, &state) }
            return state.batch.count >= LogDelivery.batchMax
        }
        if isFull { flush() }
    }

    /// Takes the last message of a connection.
    public func closed(connection: Int) {
        let observed = clock.nanosecondsSinceEpoch
        state.withLock { state in
            guard var framer = state.framers.removeValue(forKey: connection) else { return }
            if let last = framer.finish() { add(last, "", observed, &state) }
        }
    }

    /// Hands the records over to the store.
    public func roundEnded() { flush() }

    private func add(_ message: LineFramer.Line, _ peer: String, _ observed: Int64, _ state: inout State) {
        var parsed = state.parser.parse(message, observed: observed)
        if !peer.isEmpty { parsed.entry.attributes.append(Attribute("net.peer.ip", peer)) }
        state.batch.add(parsed, source: attributes)
    }

    /// A datagram is one message, whatever line feeds it has; one at its end is none of it.
    private static func datagram(_ bytes: ArraySlice<UInt8>, limit: Int) -> [LineFramer.Line] {
        var rest = bytes
        while let last = rest.last, last == 0x0a || last == 0x0d || last == 0 { rest.removeLast() }
        guard !rest.isEmpty else { return [] }
        return [LineFramer.Line(bytes: Array(rest.prefix(limit)), cutBytes: max(0, rest.count - limit))]
    }

    private func flush() {
        let (batch, counts) = state.withLock { state in
            defer { state.batch = LogBatch() }
            return (state.batch, state.parser.takeCounts())
        }
        guard !batch.isEmpty else { return }
        numbers.change { $0.lines += counts }
        if !delivery.deliver(batch) { delivery.giveUp(batch.count) }
    }
}
