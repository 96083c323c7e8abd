#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import MartletConfiguration
import MartletCore
import MartletLogFormats
import MartletLogInputs
import MartletLogging
import MartletPatterns
import MartletSeries
import MartletSockets

/// What the configuration names as sources of logs: syslog listeners and followed files, from start to stop.
final class LogSources: Sendable {
    private let listeners: [(listener: SocketListener, input: SyslogInput)]
    private let follower: FileFollower?

    /// Opens listeners; nothing is read before ``start()``.
    ///
    /// - Throws: ``ServerError`` where an address cannot be listened on, or is reachable by others without leave.
    init(
        _ sources: [LogSource],
        checkpointPath: String,
        target: any LogTarget,
        allowsInsecureListen: Bool,
        clock: any WallClock,
        logger: Logger
    ) throws(ServerError) {
        var listeners: [(listener: SocketListener, input: SyslogInput)] = []
        var files: [FileSource] = []
        let offset = Self.utcOffset()
        for source in sources {
            let attributes = source.attributes.sorted { $0.key < $1.key }.map { Attribute($0.key, $0.value) }
            let (kind, address): (SocketListener.Kind, ListenAddress)
            switch source.subject {
            case .files(let paths):
                files.append(try Self.files(source, paths, attributes))
                continue
            case .syslogUDP(let named): (kind, address) = (.datagrams, named)
            case .syslogTCP(let named): (kind, address) = (.connections, named)
            }
            guard address.isLoopback || allowsInsecureListen else {
                throw ServerError(
                    "refusing to listen on \(address) for the logs of \"\(source.name)\": anyone who reaches it could write; "
                        + "listen on 127.0.0.1, or insist with --insecure-listen"
                )
            }
            let input = SyslogInput(
                name: source.name,
                attributes: attributes,
                utcOffset: offset,
                target: target,
                clock: clock,
                logger: logger
            )
            do throws(SocketError) {
                let configuration = SocketListener.Configuration(kind: kind, host: address.host, port: address.port)
                listeners.append((try SocketListener(configuration, handler: input), input))
            } catch {
                throw ServerError("the source of logs \"\(source.name)\": \(error.description)")
            }
        }
        self.listeners = listeners
        follower =
            files.isEmpty
            ? nil
            : FileFollower(
                files,
                checkpointPath: checkpointPath,
                utcOffset: offset,
                target: target,
                clock: clock,
                logger: logger
            )
    }

    /// Begins to read.
    func start() {
        for entry in listeners { entry.listener.start() }
        follower?.start()
    }

    /// Takes what has arrived, and ends all threads.
    func stop() {
        for entry in listeners {
            entry.input.willStop()
            entry.listener.stop()
        }
        follower?.stop()
    }

    /// What each source counts, with how it listens.
    var numbers: [LogInputNumbers] { listeners.map(\.input.numbers) + (follower?.numbers ?? []) }

    /// Where the sources listen, with their real ports.
    var ports: [(name: String, port: Int)] { listeners.map { ($0.input.numbers.name, $0.listener.port) } }

    /// Connections that are open, and those refused because there were too many.
    var connections: (open: Int, refused: Int) {
        listeners.reduce((0, 0)) { ($0.0 + $1.listener.openConnections, $0.1 + $1.listener.refusedConnections) }
    }

    /// Files that are open, and how often one was truncated.
    var files: (open: Int, truncated: Int) { (follower?.fileCount ?? 0, follower?.truncated ?? 0) }

    private static func files(
        _ source: LogSource,
        _ paths: [String],
        _ attributes: [Attribute]
    ) throws(ServerError) -> FileSource {
        let format: LineFormat
        do throws(PatternError) {
            switch source.format {
            case .auto: format = .automatic
            case .json: format = .json
            case .logfmt: format = .logfmt
            case .access: format = .access
            case .syslog: format = .syslog
            case .plain: format = .plain
            case .pattern: format = .expression(ExpressionPattern(try NamedExpression(source.pattern ?? "")))
            }
            var start: ExpressionPattern?
            if let pattern = source.startPattern { start = ExpressionPattern(try NamedExpression(pattern)) }
            return FileSource(
                name: source.name,
                paths: paths,
                format: format,
                joinsLines: source.joinsLines,
                start: start,
                beginsAtEnd: source.beginsAtEnd,
                attributes: attributes
            )
        } catch {
            throw ServerError("the source of logs \"\(source.name)\": \(error.description)")
        }
    }

    /// How many seconds this machine's clock is ahead of UTC now; times without a zone are taken for its own.
    private static func utcOffset() -> Int64 {
        var now = time(nil)
        var local = unsafe tm()
        unsafe localtime_r(&now, &local)
        return unsafe Int64(local.tm_gmtoff)
    }
}
