import Dispatch
import MartletCore
import MartletDashboard
import MartletTerminal
import MartletTraceStore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Shows the browser of logs on the whole terminal, and does what it asks for.
///
/// One thread draws and reads keys; requests run as tasks, whose answers wait until that thread takes them. The browser has
/// one search, one question for arrivals and one trace under way at most.
final class LogsBrowse: Sendable {
    private let client: APIClient
    private let query: String
    private let conditions: [(String, String)]
    private let follows: Bool
    private let usesColor: Bool
    private let answers = Mutex<[LogBrowser.Answer]>([])

    /// Reads what was asked for.
    ///
    /// - Throws: ``UsageError`` for what belongs to plain output.
    init(_ arguments: Arguments) throws {
        for option in ["--output", "--forward", "--before", "--after", "--wide", "--width"] where arguments.has(option)
        {
            throw UsageError("\(option) belongs to plain output, and --browse shows a screen")
        }
        follows = arguments.has("--follow")
        client = try APIClient(arguments)
        query = arguments.operands.joined(separator: " ")
        conditions = try LogsSearch.parameters(arguments).filter { $0.0 != "query" }
        usesColor = Environment["NO_COLOR"] == nil && !arguments.has("--no-color")
    }

    /// Shows the browser until its user leaves.
    ///
    /// - Throws: ``Failure`` when there is no terminal that can show it.
    func run() async throws -> ExitStatus {
        let queue = DispatchQueue(label: "screen")
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            queue.async { done.resume(with: Result { try self.show() }) }
        }
        return .success
    }

    private func show() throws {
        let screen: TerminalScreen
        do {
            screen = try TerminalScreen(terminal: Environment["TERM"] ?? "", usesColor: usesColor)
        } catch {
            throw Failure("\(error); \"martlet logs\" without --browse prints plain lines")
        }
        defer { screen.close() }
        var browser = LogBrowser(query: query, follows: follows)
        var effects = browser.start()
        var ticked = ContinuousClock.now
        while true {
            for effect in effects {
                if effect == .quit { return }
                perform(effect)
            }
            screen.show(browser.draw(rows: screen.rows, columns: screen.columns))
            switch screen.nextEvent(within: 500) {
            case .key(let key): effects = browser.take(key)
            case .resized: effects = browser.resize(rows: screen.rows, columns: screen.columns)
            case .ended(let signal):
                screen.end(by: signal)
                return
            case .woken, .timedOut: effects = []
            }
            for answer in answers.withLock({ answers in
                defer { answers = [] }
                return answers
            }) {
                effects += browser.take(answer)
            }
            if ContinuousClock.now - ticked >= .milliseconds(500) {
                ticked = .now
                effects += browser.tick()
            }
        }
    }

    // MARK: Effects

    private func perform(_ effect: LogBrowser.Effect) {
        Task {
            let answer = await answer(effect)
            answers.withLock { $0.append(answer) }
            ScreenWaker().wake()
        }
    }

    private func answer(_ effect: LogBrowser.Effect) async -> LogBrowser.Answer {
        switch effect {
        case .search(let number, let query, let cursor):
            var parameters = conditions.filter { $0.0 != "limit" } + [("query", query)]
            parameters.append(("limit", conditions.first { $0.0 == "limit" }?.1 ?? String(LogBrowser.pageSize)))
            // What the first page told of the whole search holds for the others.
            parameters += cursor.isEmpty ? [("histogram", "auto")] : [("cursor", cursor), ("count", "false")]
            return await page(number, parameters) { .page(number: number, $0) }
        case .arrivals(let number, let query, let from):
            let parameters = [("query", query), ("from", from), ("limit", "1000"), ("count", "false")]
            return await page(number, parameters) { .arrivals(number: number, $0) }
        case .arrivalCount(let number, let query, let from):
            let parameters = [("query", query), ("from", from), ("limit", "0")]
            return await page(number, parameters) { .arrivalCount(number: number, $0) }
        case .trace(let number, let id, let columns): return await trace(number, id, columns)
        case .save(let line, let file): return Self.append(line, to: file)
        case .quit: return .notSaved("")
        }
    }

    private func page(
        _ number: Int,
        _ parameters: [(String, String)],
        _ answer: (LogPage) -> LogBrowser.Answer
    ) async -> LogBrowser.Answer {
        do {
            let (status, body) = try await client.bytes("/api/v1/logs/query", parameters)
            guard let json = try? JSONParser.parse(body) else {
                throw Failure("the server answered \(status) without JSON; is it Martlet?")
            }
            if status == 200, let data = json["data"] { return answer(LogPage(data)) }
            let message = json["error"]?.text ?? "the server answered \(status)"
            return .failed(
                number: number,
                LogProblem(message, isOfQuery: status == 400, isTemporary: status == 429 || status >= 500)
            )
        } catch {
            return .failed(number: number, Self.problem(error))
        }
    }

    private func trace(_ number: Int, _ id: String, _ columns: Int) async -> LogBrowser.Answer {
        do {
            var chart = TraceChart(trace: try await ShownTrace.fetch(id, client), width: max(40, min(columns, 400)))
            if let id = chart.trace.basics.first?.traceID { chart.logs = try await SpanLogs.fetch(id, client) }
            return .trace(
                number: number,
                chart.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            )
        } catch {
            return .failed(number: number, Self.problem(error))
        }
    }

    private static func problem(_ error: any Error) -> LogProblem {
        switch error {
        case let failure as Failure: LogProblem(failure.message, isTemporary: failure.status == .unreachable)
        case let usage as UsageError: LogProblem(usage.message)
        default: LogProblem("\(error)")
        }
    }

    private static func append(_ line: String, to file: String) -> LogBrowser.Answer {
        let descriptor = unsafe open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            return .notSaved("cannot open \(file): \(unsafe String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        var start = 0
        while start < bytes.count {
            // Safety: the bytes are read during the call.
            let written = unsafe bytes[start...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                return .notSaved("cannot write to \(file): \(unsafe String(cString: strerror(errno)))")
            }
            start += written
        }
        return .saved(file: file)
    }
}
