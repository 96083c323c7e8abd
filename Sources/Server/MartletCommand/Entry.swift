#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import MartletCore

/// The command `martlet`.
@main
enum Entry {
    private static let verbs: [any Verb.Type] = [
        ServeVerb.self, DemoVerb.self, QueryVerb.self, TargetsVerb.self, AlertsAckVerb.self,
        AlertsUnackVerb.self, AlertsSilenceVerb.self, AlertsHistoryVerb.self, AlertsExplainVerb.self,
        AlertsSendVerb.self, AlertsTestChannelVerb.self, AlertsChannelsVerb.self, AlertsOutboxVerb.self,
        AlertsBacktestVerb.self, AlertsTestVerb.self, AlertsVerb.self, SilencesAddVerb.self, SilencesExpireVerb.self,
        SilencesVerb.self,
        TracesShowVerb.self, TracesCompareVerb.self, TracesCriticalPathVerb.self, TracesTailVerb.self, TracesVerb.self,
        LogsFieldsVerb.self, LogsPatternsVerb.self, LogsExportVerb.self, LogsVerb.self, ErrorsVerb.self,
        AuditSearchVerb.self, AuditVerifyVerb.self, AuditProofVerb.self, AuditReportVerb.self, AuditExportVerb.self,
        AuditHeadVerb.self,
        AuditKeyVerb.self, AuditHoldsVerb.self, AuditHoldVerb.self, AuditUnholdVerb.self, AuditVerb.self,
        RunVerb.self,
        HealthVerb.self, CheckConfigVerb.self,
        CheckRulesVerb.self, CheckMetricsVerb.self, TestRulesVerb.self, ExplainRulesVerb.self,
        RulesBacktestVerb.self, RulesTestVerb.self, RulesVerb.self, ImportVerb.self, ExportVerb.self,
        DoctorVerb.self, VersionVerb.self,
    ]

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let status = await run(Array(CommandLine.arguments.dropFirst()))
        exit(status.rawValue)
    }

    private static func run(_ words: [String]) async -> ExitStatus {
        do {
            return try await dispatch(words)
        } catch let error as UsageError {
            Terminal.printError("martlet: \(error.message)")
            return .usage
        } catch let error as Failure {
            Terminal.printError("martlet: \(error.message)")
            return error.status
        } catch {
            Terminal.printError("martlet: \(error)")
            return .failure
        }
    }

    private static func dispatch(_ words: [String]) async throws -> ExitStatus {
        switch words.first {
        case nil, "--help", "-h":
            Terminal.print(overview)
            return words.isEmpty ? .usage : .success
        case "help":
            return try help(Array(words.dropFirst()))
        case "--version":
            return try await VersionVerb.run(try Arguments([], syntax: VersionVerb.syntax))
        default:
            let verb = try verb(named: words)
            let arguments = try Arguments(words.dropFirst(verb.syntax.words.count), syntax: verb.syntax)
            if arguments.asksForHelp {
                Terminal.print(verb.syntax.help)
                return .success
            }
            return try await verb.run(arguments)
        }
    }

    private static func help(_ words: [String]) throws -> ExitStatus {
        let pages = verbs.filter { Array($0.syntax.words.prefix(words.count)) == words }
        if words.isEmpty {
            Terminal.print(overview)
        } else if pages.isEmpty {
            throw unknown(words)
        } else {
            Terminal.print(pages.map { $0.syntax.help }.joined(separator: "\n"))
        }
        return .success
    }

    private static func verb(named words: [String]) throws -> any Verb.Type {
        if let verb = verbs.first(where: { words.starts(with: $0.syntax.words) }) { return verb }
        let group = verbs.filter { $0.syntax.words.count > 1 && $0.syntax.words[0] == words[0] }
        if group.isEmpty { throw unknown(words) }
        let known = group.map { $0.syntax.words[1] }
        guard words.count > 1, !words[1].hasPrefix("-") else {
            throw UsageError("\(words[0]) needs to know what: \(known.joined(separator: ", "))")
        }
        let nearest = Suggestion.closest(to: words[1], among: known)
        throw UsageError("cannot \(words[0]) \"\(words[1])\"" + UsageError.hint(nearest))
    }

    private static func unknown(_ words: [String]) -> UsageError {
        let nearest = Suggestion.closest(to: words[0], among: verbs.map { $0.syntax.words[0] } + ["help"])
        return UsageError("unknown verb \"\(words[0])\"" + UsageError.hint(nearest))
    }

    private static var overview: String {
        let width = verbs.map { $0.syntax.name.count }.max() ?? 0
        let rows = verbs.map { verb in
            "  \(verb.syntax.name)\(String(repeating: " ", count: width - verb.syntax.name.count))  \(verb.syntax.summary)\n"
        }
        return """
            usage: martlet VERB [OPTIONS] …

            Observability for Swift services and the machines they run on.

            \(rows.joined())
            "martlet help VERB" tells more about each.

            """
    }
}
