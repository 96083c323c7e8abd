import Foundation
import MartletCore
import MartletEvents
import MartletOTLP
import MartletTraceStore

/// The trace store with the spans that the peers of `../shared/peers/traces-logs` store: rate, size and questions.
///
/// Prints lines as they do: kind, name, value, unit, note. The first argument is how many spans, a million unless given;
/// `bodies SPANS FILE` writes requests instead, for `Benchmarks/Traces/traces.py`.
@main
struct TraceStoreBenchmarks {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "bodies", arguments.count == 3, let count = Int(arguments[1]) {
            return try writeBodies(count, to: arguments[2])
        }
        let wanted = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
        let directory = FileManager.default.temporaryDirectory.appending(path: "martlet-bench-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = EventConfiguration(directory: directory)
        configuration.retention = .seconds(3650 * 86_400)
        let store = try TraceStore(configuration)
        var spans = PeerSpans()
        var (taken, seconds, processor, bytes) = (0, 0.0, 0.0, 0)
        var wantedTrace: TraceID?
        while taken < wanted {
            let traces = (0..<200).map { _ in spans.trace() }
            if wantedTrace == nil, taken > wanted / 2 { wantedTrace = traces[0][0].span.traceID }
            let request = PeerSpans.request(traces).encoded()
            bytes += request.count
            let (start, before) = (ContinuousClock.now, processorSeconds())
            taken += try store.append(request).accepted
            seconds += (ContinuousClock.now - start) / .seconds(1)
            processor += processorSeconds() - before
        }
        let before = processorSeconds()
        try store.sealAll()
        processor += processorSeconds() - before
        tell("ingest", "martlet-traces/wall", Double(taken) / seconds, "spans/s", "with the log, \(taken) spans")
        tell("ingest", "martlet-traces/cpu", Double(taken) / processor, "spans/s-of-cpu", "with sealing")
        let state = store.statistics
        tell("size", "martlet-traces", Double(state.blockBytes) / Double(taken), "bytes/span", "\(state.blocks) blocks")
        tell("size", "otlp", Double(bytes) / Double(taken), "bytes/span", "")
        guard let wantedTrace else { return }
        try question("trace-by-id") { try store.spans(of: wantedTrace).count }
        try question("trace-by-id-otlp") { try store.trace(wantedTrace)?.count ?? 0 }
        try search("service+op-newest20", store) { ($0.service, $0.operation) = ("service-3", "operation-7") }
        try search("slow-newest20", store) { ($0.service, $0.durations) = ("service-3", 4_900_000...Int64.max) }
        try search("attr-scan", store) { $0.attributes = [.init("user.id", "user-01234")] }
        try search("text-scan", store) { $0.texts = ["ser-01234"] }
    }

    /// Writes requests, each after its length in four bytes, for a client that sends them to a server.
    private static func writeBodies(_ count: Int, to path: String) throws {
        var (spans, written, content) = (PeerSpans(), 0, Data())
        while written < count {
            let traces = (0..<50).map { _ in spans.trace() }
            let request = PeerSpans.request(traces)
            let body = request.encoded()
            withUnsafeBytes(of: UInt32(body.count).littleEndian) { content.append(contentsOf: $0) }
            content.append(contentsOf: body)
            written += request.spanCount
        }
        try content.write(to: URL(filePath: path))
    }

    private static func search(_ name: String, _ store: TraceStore, _ change: (inout TraceQuery) -> Void) throws {
        var query = TraceQuery()
        change(&query)
        try question(name) { try store.search(query).count }
    }

    /// The best of seven tries.
    private static func question(_ name: String, _ body: () throws -> Int) throws {
        var (best, rows) = (Double.infinity, 0)
        for _ in 0..<7 {
            let start = ContinuousClock.now
            rows = try body()
            best = min(best, (ContinuousClock.now - start) / .milliseconds(1))
        }
        tell("query", "martlet-traces/\(name)", best, "ms", "rows=\(rows)")
    }

    private static func tell(_ kind: String, _ name: String, _ value: Double, _ unit: String, _ note: String) {
        print("\(kind)\t\(name)\t\((value * 1000).rounded() / 1000)\t\(unit)\t\(note)")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
