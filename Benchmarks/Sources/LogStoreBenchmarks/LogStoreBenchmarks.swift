import Foundation
import MartletCompression
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import MartletSearch

/// The log store with the events that the peers of `../shared/peers/traces-logs` store: rate, size and questions.
///
/// Arguments: the events' file, then a rare, a common, a middling word and a trace id, and the name to print. Prints lines as
/// the peers do: kind, name, value, unit, note.
@main
struct LogStoreBenchmarks {
    /// What the figures are of.
    let name: String

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 4, arguments[1] == "ingest", let rounds = Int(arguments[3]) {
            return try Self(name: "martlet-logs").ingest(arguments[2], rounds: rounds)
        }
        guard arguments.count == 7 else {
            print("usage: LogStoreBenchmarks FILE RARE COMMON MIDDLE TRACE NAME")
            print("       LogStoreBenchmarks ingest FILE ROUNDS")
            exit(2)
        }
        try Self(name: arguments[6]).measure(Array(arguments[1...5]))
    }

    private func measure(_ arguments: [String]) throws {
        let (rare, common, middle, trace) = (arguments[1], arguments[2], arguments[3], arguments[4])
        let directory = FileManager.default.temporaryDirectory.appending(path: "martlet-bench-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = EventConfiguration(directory: directory)
        configuration.retention = .seconds(3650 * 86_400)
        let store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
        var events = try PeerEvents(file: arguments[0])
        var (taken, seconds, processor, bytes) = (0, 0.0, 0.0, 0)
        while let (request, _) = events.request(1000) {
            let wire = request.encoded()
            bytes += wire.count
            let (start, before) = (ContinuousClock.now, processorSeconds())
            taken += try store.append(wire: wire).accepted
            seconds += (ContinuousClock.now - start) / .seconds(1)
            processor += processorSeconds() - before
        }
        let unsealed = processor
        let before = processorSeconds()
        try store.sealAll()
        processor += processorSeconds() - before
        tell("ingest", "\(name)/wall", Double(taken) / seconds, "events/s", "with the log, \(taken) events")
        tell("ingest", "\(name)/cpu", Double(taken) / processor, "events/s-of-cpu", "with all sealing")
        tell("ingest", "\(name)/cpu-last-block-open", Double(taken) / unsealed, "events/s-of-cpu", "")
        let state = store.statistics
        tell("size", name, Double(state.blockBytes) / Double(taken), "bytes/event", "\(state.blocks) blocks")
        tell("size", "otlp", Double(bytes) / Double(taken), "bytes/event", "")
        try questions("", store, rare, common, middle, trace)
        let beforeCold = processorSeconds()
        try store.compactAll()
        let cold = store.statistics
        tell(
            "size",
            "\(name)/cold",
            Double(cold.blockBytes) / Double(taken),
            "bytes/event",
            "\(cold.blocks) blocks"
        )
        tell("compact", "\(name)/cpu", Double(taken) / (processorSeconds() - beforeCold), "events/s-of-cpu", "")
        try questions("cold-", store, rare, common, middle, trace)
        try store.close()
    }

    /// Measures only how events are taken, sealing included, several times over the same requests.
    private func ingest(_ file: String, rounds: Int) throws {
        var events = try PeerEvents(file: file)
        var requests: [[UInt8]] = []
        while let (request, _) = events.request(1000) { requests.append(request.encoded()) }
        for _ in 0..<rounds {
            let directory = FileManager.default.temporaryDirectory.appending(path: "martlet-bench-\(UUID().uuidString)")
                .path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            var configuration = EventConfiguration(directory: directory)
            configuration.retention = .seconds(3650 * 86_400)
            let store = try LogStore(configuration, patterns: RE2Patterns(), codec: ZstandardCodec())
            var taken = 0
            let before = processorSeconds()
            for request in requests { taken += try store.append(wire: request).accepted }
            let unsealed = processorSeconds() - before
            try store.sealAll()
            let processor = processorSeconds() - before
            tell("ingest", "\(name)/cpu", Double(taken) / processor, "events/s-of-cpu", "with all sealing")
            tell("ingest", "\(name)/cpu-last-block-open", Double(taken) / unsealed, "events/s-of-cpu", "")
            let state = store.statistics
            tell(
                "size",
                name,
                Double(state.blockBytes) / Double(taken),
                "bytes/event",
                "\(state.blocks) blocks"
            )
            try store.close()
        }
    }

    private func questions(
        _ prefix: String,
        _ store: LogStore,
        _ rare: String,
        _ common: String,
        _ middle: String,
        _ trace: String
    ) throws {
        for (name, text) in [
            ("rare", rare), ("common", common), ("middle", middle), ("phrase", "\"\(common) \(middle)\""),
            ("field+middle", "component:billing \(middle)"), ("prefix", "\(rare.prefix(4))*"),
            ("trace", "trace:\(trace)"),
            ("level", "level:>=error"), ("range", "duration:>300ms"), ("not", "\(common) -\(middle)"),
        ] {
            try question("\(prefix)\(name)-count", store, text) { $0.limit = 0 }
            try question("\(prefix)\(name)-newest100", store, text) { $0.countsAll = false }
        }
        try question("\(prefix)regex-newest100", store, "/\(rare.prefix(3))[aeiou]\(rare.dropFirst(4))/") {
            $0.countsAll = false
        }
        try question("\(prefix)page", store, common) {
            $0.histogramStep = 1_000_000_000
            $0.facets = [SearchField("level"), SearchField("component"), SearchField("operation")]
        }
        try question("\(prefix)count-by", store, "\(middle) | count by (component, level)") { _ in }
    }

    private func question(
        _ question: String,
        _ store: LogStore,
        _ text: String,
        _ change: (inout LogQuery) -> Void
    ) throws {
        var query = LogQuery(try SearchExpression(parsing: text))
        change(&query)
        var (best, wall, rows) = (Double.infinity, Double.infinity, 0)
        for _ in 0..<7 {
            let (began, start) = (ContinuousClock.now, processorSeconds())
            rows = try store.search(query).matched
            best = min(best, (processorSeconds() - start) * 1000)
            wall = min(wall, (ContinuousClock.now - began) / .milliseconds(1))
        }
        tell("query", "\(name)/\(question)", best, "ms-of-cpu", "rows=\(rows)")
        // Counts over sealed blocks are shared by two threads.
        tell("query", "\(name)/\(question)", wall, "ms", "rows=\(rows)")
    }

    private func tell(_ kind: String, _ name: String, _ value: Double, _ unit: String, _ note: String) {
        print("\(kind)\t\(name)\t\((value * 1000).rounded() / 1000)\t\(unit)\t\(note)")
    }

    private func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// What the server compresses blocks with.
struct ZstandardCodec: BlockCodec {
    func compress(_ bytes: [UInt8], level: Int) -> [UInt8] { Zstandard.compress(bytes, level: level) }

    func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        let content = try? Zstandard.decompress(bytes, limit: count)
        return content?.count == count ? content : nil
    }
}
