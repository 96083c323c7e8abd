public import MartletCore
public import MartletTracing
import Synchronization

/// Sends finished spans to a Jaeger agent: Thrift's compact protocol over UDP, port 6831 as a rule.
///
/// Datagrams can get lost without a word; where that matters, ``OTLPSpanExporter`` speaks to Jaeger too.
public final class JaegerAgentExporter: SpanExporter {
    private let socket: DatagramSocket

    /// Creates an exporter.
    ///
    /// - Parameter agent: The agent's `host:port`; port 6831 where none is told.
    /// - Throws: ``ExportError/badAddress(_:)`` where nobody has that name.
    public init(agent: String) throws(ExportError) {
        socket = try DatagramSocket(agent, defaultPort: "6831")
    }

    /// Sends spans, as many in a datagram as go into one.
    public func export(_ batch: [ResourceSpans]) async -> SpanExportResult {
        var (lost, problem) = (0, "")
        for resource in batch {
            let spans = resource.scopeSpans.flatMap { scope in scope.spans.map { ($0, scope.scope) } }
            guard !spans.isEmpty else { continue }
            let (datagrams, tooLarge) = JaegerBatch.datagrams(resource.resource, spans)
            if tooLarge > 0 {
                lost += tooLarge
                problem = "\(tooLarge) spans are larger than a datagram of \(JaegerBatch.datagramMax) bytes"
            }
            for datagram in datagrams {
                guard let error = socket.send(datagram.bytes) else { continue }
                lost += datagram.spans
                problem = error
            }
        }
        guard lost > 0 else { return .success }
        return lost == batch.reduce(0, { $1.scopeSpans.reduce($0) { $0 + $1.spans.count } })
            ? .failure(problem) : .partial(rejected: lost, message: problem)
    }

    /// Closes the socket.
    public func shutdown() async {
        socket.close()
    }
}
