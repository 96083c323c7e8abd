import MartletCore
import MartletTSDB

/// `martlet doctor`.
enum DoctorVerb: Verb {
    static let syntax = Syntax(
        words: ["doctor"],
        summary: "Check every checksum of a data directory that no server has open.",
        options: [
            .init(name: "--data-dir", value: "DIR", help: "the data directory (default martlet-data)")
        ],
        discussion: """
            Reads every block and every record, and changes nothing. Prints one line for each thing that is wrong, with what
            it costs, and exits with 1 if there is any. A damaged record or block costs only itself: the server starts and
            answers without it.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let directory = arguments["--data-dir"] ?? "martlet-data"
        let report = try TimeSeriesStore.verify(directory: directory)
        Terminal.print(text(report, directory))
        return report.isSound ? .success : .failure
    }

    static func text(_ report: VerificationReport, _ directory: String) -> String {
        var text = "\(directory)\n"
        text += "  \(report.segments) segments with \(report.segmentSamples) samples\n"
        text += "  \(report.logFiles) log files with \(report.logSamples) samples\n"
        text += "  \(report.bytes) bytes read\n"
        if report.isOldFormat { text += "  of an older version; the server converts it when it starts\n" }
        guard !report.isSound else { return text + "every checksum holds\n" }
        for problem in report.problems { text += "  \(problem.file): \(problem.what)\n" }
        let count = report.problems.count
        return text
            + "\(count) \(count == 1 ? "thing is" : "things are") wrong; restore the files named from a snapshot, "
            + "or start the server, which goes on without what they lost\n"
    }
}
