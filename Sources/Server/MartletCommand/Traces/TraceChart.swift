import MartletCore
import MartletTerminal
import MartletTraceStore

/// A trace as lines of text: the tree, a bar a span, what decided how long it took drawn solid.
struct TraceChart {
    private static let rowsMax = 2000

    let trace: ShownTrace
    let width: Int

    /// The records to show beneath their spans; `nil` for none.
    var logs: SpanLogs?

    var text: String {
        let offsets = ClockSkew.offsets(trace.basics)
        let starts = trace.basics.indices.map { trace.basics[$0].start &+ offsets[$0] }
        let low = starts.min() ?? 0
        let high = trace.basics.indices.map { starts[$0] &+ trace.basics[$0].duration }.max() ?? 0
        let length = max(1, high &- low)
        let nameWidth = max(16, width * 2 / 5)
        let barWidth = max(10, width - nameWidth - 12)
        var lines = heading(length)
        var logs = logs
        var sections: [Int: [CriticalPath.Section]] = [:]
        for section in trace.path.sections { sections[section.span, default: []].append(section) }
        for (span, depth) in trace.order.prefix(Self.rowsMax) {
            let basics = trace.basics[span]
            let label =
                String(repeating: "  ", count: min(depth, 12)) + (basics.status == .error ? "! " : "")
                + (basics.service.isEmpty ? "" : "\(basics.service): ") + basics.operation
            var bar = [Character](repeating: " ", count: barWidth)
            func draw(_ from: Int64, _ to: Int64, _ character: Character) {
                let first = Int(Double(from &- low) / Double(length) * Double(barWidth))
                let last = Int((Double(to &- low) / Double(length) * Double(barWidth)).rounded(.up))
                for place in max(0, min(first, barWidth - 1))..<max(1, min(max(first + 1, last), barWidth)) {
                    bar[place] = character
                }
            }
            draw(starts[span], starts[span] &+ basics.duration, "░")
            for section in sections[span] ?? [] {
                draw(section.start &+ offsets[span], section.end &+ offsets[span], "█")
            }
            var line = VisibleText.padded(VisibleText.harmless(label), nameWidth) + " " + String(bar)
            line += " " + DurationWords.text(basics.duration)
            if offsets[span] != 0 {
                line += " clock \(offsets[span] > 0 ? "+" : "-")" + DurationWords.text(abs(offsets[span]))
            }
            while line.hasSuffix(" ") { line.removeLast() }
            lines.append(line)
            let indent = String(repeating: "  ", count: min(depth, 12) + 1)
            for record in logs?.take(basics.spanID) ?? [] {
                let text = SpanLogs.line(record, from: low &- offsets[span], service: basics.service)
                lines.append(LogText.fitted(indent + text, width))
            }
        }
        if trace.spans.count > Self.rowsMax { lines.append("… and \(trace.spans.count - Self.rowsMax) spans more") }
        if let logs { lines += remains(of: logs, from: low) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The records that stand beneath no span, and how many are not shown.
    private func remains(of logs: SpanLogs, from start: Int64) -> [String] {
        var lines: [String] = []
        if !logs.rest.isEmpty { lines += ["", "of no span that is shown:"] }
        lines += logs.rest.map { LogText.fitted("  " + SpanLogs.line($0, from: start, service: ""), width) }
        if logs.notFetched > 0, let id = trace.basics.first?.traceID {
            lines += ["", "… and \(logs.notFetched) records more: martlet logs trace:\(id)"]
        }
        return lines
    }

    private func heading(_ length: Int64) -> [String] {
        guard !trace.basics.isEmpty else { return [] }
        let summary = TraceSummary(trace.basics)
        let time = RFC3339.string(nanosecondsSinceEpoch: summary.start)
        let errors = summary.errors == 0 ? "" : ", \(summary.errors) failed"
        return [
            "trace \(summary.traceID)  \(time)  \(DurationWords.text(length))",
            "\(summary.spans) spans\(errors), services: "
                + VisibleText.harmless(summary.services.map { $0.name.isEmpty ? "?" : $0.name }.joined(separator: ", "))
                + (logs.map { ", \($0.count) log record\($0.count == 1 ? "" : "s")" } ?? ""),
            "█ critical path  ░ the rest of a span",
            "",
        ]
    }
}

/// Durations for people: three digits and a unit.
enum DurationWords {
    static func text(_ nanoseconds: Int64) -> String {
        let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        for (factor, unit) in units where Double(nanoseconds) >= factor {
            let value = Double(nanoseconds) / factor
            let digits = value >= 100 ? 1.0 : value >= 10 ? 10.0 : 100.0
            return FloatText.shortest((value * digits).rounded() / digits) + unit
        }
        return "\(nanoseconds)ns"
    }
}
