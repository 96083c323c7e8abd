import MartletCore
import MartletIngest
import MartletSeries
import MartletTSDB

/// `martlet import`.
enum ImportVerb: Verb {
    static let syntax = Syntax(
        words: ["import"],
        summary: "Take blocks of Prometheus and OpenMetrics files into a server or a data directory.",
        operands: "PATH…",
        operandCount: 1...1000,
        options: [
            .init(
                name: "--data-dir",
                value: "DIR",
                help: "write into this data directory, which no server may have open; without it, to a server"
            ),
            .init(
                name: "--retention",
                value: "DURATION",
                help: "with --data-dir, how old samples may be (default 24h); the server's own setting decides later"
            ),
            APIClient.option,
            .init(name: "--quiet", short: "-q", help: "print no progress"),
        ],
        discussion: """
            A PATH is an OpenMetrics file whose samples have times, a block of Prometheus, or a directory with blocks, such
            as Prometheus' data directory or a snapshot. Blocks are read oldest first; deleted samples are left out. Samples
            older than what is kept are refused and counted: give --retention, or raise storage.retention.raw.
            Importing the same again changes nothing. Exits with 1 when a sample was refused.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let isQuiet = arguments.has("--quiet")
        let progress = Progress(isQuiet: isQuiet)
        let report: ImportReport
        if let directory = arguments["--data-dir"] {
            report = try await importing(arguments, into: directory, progress)
        } else {
            guard !arguments.has("--retention") else {
                throw UsageError("--retention goes with --data-dir; a server has its own", syntax: syntax)
            }
            let writer = try RemoteWriter(arguments)
            report = try await importing(arguments.operands, progress) { batch, labels in
                try await writer.write(batch, labels)
            }
        }
        progress.end()
        Terminal.print(summary(report))
        return report.refused.isEmpty ? .success : .failure
    }

    private static func importing(
        _ arguments: Arguments,
        into directory: String,
        _ progress: Progress
    ) async throws -> ImportReport {
        var settings = TimeSeriesStore.Configuration(directory: directory)
        if let retention = try arguments.duration("--retention") { settings.retention = .milliseconds(retention) }
        let store = try TimeSeriesStore(settings)
        let session = SessionBox()
        do {
            let report = try await importing(arguments.operands, progress) { batch, labels in
                try store.append(batch, labels: labels.span, session: &session.session)
            }
            try store.close()
            return report
        } catch {
            // What was taken stays; the reason that matters is the first one.
            try? store.close()
            throw error
        }
    }

    /// What the store remembers between batches; one import uses it at a time.
    private final class SessionBox {
        var session = WriteSession(origin: "import")
    }

    private static func importing(
        _ paths: [String],
        _ progress: Progress,
        _ write: @escaping Importer.Write
    ) async throws -> ImportReport {
        var importer = Importer(write: write) { progress.show($0) }
        for path in paths { try await importer.add(path) }
        return importer.report
    }

    static func summary(_ report: ImportReport) -> String {
        var text = "\(report.taken) of \(report.samples) samples of \(report.series) series taken"
        text += " from \(report.sources) \(report.sources == 1 ? "source" : "sources")\n"
        if report.deleted > 0 { text += "  \(report.deleted) left out: deleted before\n" }
        for (reason, count) in report.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += "  \(count) refused: \(reason.rawValue)\n"
        }
        return text
    }

    /// Prints how far an import is, at most once a second.
    private final class Progress {
        private let isQuiet: Bool
        private var last: ContinuousClock.Instant?

        init(isQuiet: Bool) {
            self.isQuiet = isQuiet
        }

        func show(_ report: ImportReport) {
            guard !isQuiet, last.map({ .now - $0 >= .seconds(1) }) ?? true else { return }
            last = .now
            let percent = Int((report.share * 100).rounded())
            Terminal.printError("\(report.current): \(percent) %, \(report.samples) samples")
        }

        func end() {
            last = nil
        }
    }
}
