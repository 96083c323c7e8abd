#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import MartletCore
import MartletHTTPClient
import MartletLogFormats
import MartletOTLP

/// `martlet run -- COMMAND`: runs a program whose output becomes logs.
enum RunVerb: Verb {
    static let syntax = Syntax(
        words: ["run"],
        summary: "Run a program with OTEL_* set to the server; its output is passed on and stored as logs.",
        operands: "-- COMMAND [ARGUMENT …]",
        operandCount: 1...10_000,
        options: [
            APIClient.option,
            .init(name: "--service", value: "NAME", help: "the name of the service (default: the command's)"),
            .init(name: "--stdin", help: "store the lines of standard input; COMMAND is only the service's name"),
        ],
        discussion: "Exits with the program's own status, 128 and the signal's number where a signal ended it."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let url = arguments["--url"] ?? Environment["MARTLET_URL"] ?? "http://127.0.0.1:9090"
        let command = arguments.operands
        let file = command[0].split(separator: "/").last.map(String.init) ?? command[0]
        let service = arguments["--service"] ?? Environment["OTEL_SERVICE_NAME"] ?? file
        var sender = try OutputSender(url: url, service: service)
        if arguments.has("--stdin") {
            await follow([(0, 1, "stdin")], &sender)
            sender.tellDropped()
            return .success
        }
        let child = try ChildProcess(command, environment: environment(url, service))
        ForwardedSignals.forward(to: child.identifier)
        await follow([(child.output, 1, "stdout"), (child.error, 2, "stderr")], &sender)
        let status = child.wait()
        sender.tellDropped()
        exit(status)
    }

    /// The variables that OpenTelemetry's libraries look for; those that are set already count more.
    private static func environment(_ url: String, _ service: String) -> [(String, String)] {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", service), ("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
        ].filter { Environment[$0.0] == nil }
    }

    /// Passes streams on and stores their lines until all have ended.
    private static func follow(_ streams: [(from: Int32, to: Int32, name: String)], _ sender: inout OutputSender) async
    {
        var open = streams.map { OutputStream(descriptor: $0.from, copy: $0.to, name: $0.name) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while open.contains(where: { !$0.isEnded }) {
            var polled = open.filter { !$0.isEnded }.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            let count = unsafe poll(&polled, nfds_t(polled.count), 200)
            let observed = SystemWallClock().nanosecondsSinceEpoch
            for entry in polled where entry.revents != 0 {
                guard let place = open.firstIndex(where: { $0.descriptor == entry.fd }) else { continue }
                let capacity = buffer.count
                let read = unsafe read(entry.fd, &buffer, capacity)
                if read < 0, errno == EINTR || errno == EAGAIN { continue }
                if read > 0 {
                    open[place].take(buffer[..<read], observed, &sender)
                } else {
                    open[place].end(observed, &sender)
                }
            }
            if count == 0 { for place in open.indices { open[place].pause(observed, &sender) } }
            await sender.send(isUrgent: count == 0)
        }
        await sender.send(isUrgent: true)
    }
}

/// One stream of a program's output: copied as it comes, and cut into records.
private struct OutputStream {
    let descriptor: Int32
    let copy: Int32
    let name: String
    private(set) var isEnded = false
    private var framer = LineFramer(limit: LogInputLimits().lineBytes)
    private var joiner = LineJoiner()
    private var parser = LineParser(.automatic)

    init(descriptor: Int32, copy: Int32, name: String) {
        self.descriptor = descriptor
        self.copy = copy
        self.name = name
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, _ observed: Int64, _ sender: inout OutputSender) {
        Self.write(bytes, to: copy)
        for line in framer.take(bytes) {
            if let record = joiner.take(line) { add(record, observed, &sender) }
        }
    }

    /// Nothing came for a while: a line that waits for more stands alone.
    mutating func pause(_ observed: Int64, _ sender: inout OutputSender) {
        if let record = joiner.flush() { add(record, observed, &sender) }
    }

    mutating func end(_ observed: Int64, _ sender: inout OutputSender) {
        isEnded = true
        if let line = framer.finish(), let record = joiner.take(line) { add(record, observed, &sender) }
        pause(observed, &sender)
    }

    private mutating func add(_ line: LineFramer.Line, _ observed: Int64, _ sender: inout OutputSender) {
        guard !line.bytes.isEmpty else { return }
        var parsed = parser.parse(line, observed: observed)
        parsed.entry.attributes.append(Attribute("log.iostream", name))
        sender.add(parsed)
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            // Safety: the buffer is handed over with its own count.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Who reads the output may have gone; the program's lines are stored all the same.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Sends records to the server, and gives some up rather than hold the program back.
private struct OutputSender {
    private static let recordsMax = 20_000
    private static let batchMax = 1_000

    private let client: HTTPClient
    private let url: String
    private let source: [Attribute]
    private var waiting: [ParsedLine] = []
    private var dropped = 0
    private var problem = ""
    private var isFailing = false

    init(url: String, service: String) throws {
        client = try HTTPClient()
        self.url = url + "/v1/logs"
        source = [Attribute("service.name", service)]
    }

    mutating func add(_ line: ParsedLine) {
        guard waiting.count < Self.recordsMax else {
            dropped += 1
            return
        }
        waiting.append(line)
    }

    mutating func send(isUrgent: Bool) async {
        while !waiting.isEmpty, isUrgent || waiting.count >= Self.batchMax {
            var batch = LogBatch()
            for line in waiting.prefix(Self.batchMax) { batch.add(line, source: source) }
            var request = OutgoingRequest(
                "POST",
                url: url,
                body: LogsRequest(resourceLogs: batch.resourceLogs).encoded()
            )
            request.headers.append(("Content-Type", "application/x-protobuf"))
            // A server that hangs must not hold the program's output back for long.
            request.timeout = isFailing ? .milliseconds(500) : .seconds(5)
            do {
                let response = try await client.send(request)
                guard response.status == 429 || response.status >= 500 else {
                    if response.status != 200 { note("the server answered \(response.status)", lost: batch.count) }
                    waiting.removeFirst(batch.count)
                    isFailing = false
                    continue
                }
                problem = "the server answered \(response.status)"
            } catch {
                problem = error.description
            }
            isFailing = true
            return
        }
    }

    private mutating func note(_ problem: String, lost: Int) {
        self.problem = problem
        dropped += lost
    }

    /// Tells how many lines were not stored.
    func tellDropped() {
        let lost = dropped + waiting.count
        if lost > 0 { Terminal.printError("martlet: \(lost) lines were not stored: \(problem)") }
    }
}
