import MartletCore
import MartletTraceStore

/// `martlet traces compare`: two traces call by call, or the slow ones with the others by attribute.
enum TracesCompareVerb: Verb {
    static let syntax = Syntax(
        words: ["traces", "compare"],
        summary: "Compare two traces call by call, or slow traces with the others by attribute.",
        operands: "[ID ID]",
        operandCount: 0...2,
        options: TraceSearch.options + [
            .init(
                name: "--threshold",
                value: "DURATION",
                help: "from what on a trace is slow (default: the slowest tenth)"
            ),
            .init(name: "--by", value: "WHAT", help: "duration (default), or error: failed traces with the others"),
            APIClient.option, OutputFormat.option,
        ],
        discussion: """
            With two ids, tells which calls one trace has and the other lacks, and where critical time differs. Without, \
            splits the traces found into two sets and tells which attribute values the slow ones have more often: how \
            many of each set, and how many times as often (lift); values that exactly the same traces have are one line, \
            and -o json names them. Looks at 1000 traces unless --limit says otherwise. \
            Exits with 4 when there is nothing to compare.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        switch arguments.operands.count {
        case 0: try await compareSets(arguments)
        case 2: try await comparePair(arguments)
        default: throw UsageError("two traces make a comparison; name both, or none for sets", syntax: syntax)
        }
    }

    private static func ask(_ path: String, _ parameters: [(String, String)], _ arguments: Arguments) async throws
        -> (body: [UInt8], answer: MartletCore.JSONValue)
    {
        let (status, body) = try await APIClient(arguments).bytes(path, parameters)
        guard let answer = try? JSONParser.parse(body) else {
            throw Failure("the server answered \(status) without JSON; is it Martlet?")
        }
        guard status == 200 else {
            let message = answer["errors"]?.elements?.first?["msg"]?.text ?? "the server answered \(status)"
            throw Failure(message, status: status == 404 ? .nothingFound : .failure)
        }
        return (body, answer)
    }

    // MARK: Two traces

    private static func comparePair(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let ids = [("a", arguments.operands[0]), ("b", arguments.operands[1])]
        let (body, answer) = try await ask("/api/v1/traces/compare", ids, arguments)
        if format == .json {
            Terminal.print(String(decoding: body, as: UTF8.self) + "\n")
            return .success
        }
        var header = ["call", "only", "spans 1", "spans 2", "time 1", "time 2", "critical 1", "critical 2", "change"]
        if format != .table { header = ["depth", "service", "operation"] + header.dropFirst() }
        let rows = (answer["nodes"]?.elements ?? []).map { node in
            func pair(_ name: String) -> (Int64, Int64) {
                let both = node[name]?.elements ?? []
                guard both.count == 2 else { return (0, 0) }
                return (both[0].integer(Int64.self) ?? 0, both[1].integer(Int64.self) ?? 0)
            }
            let (spans, time, critical) = (pair("spans"), pair("duration"), pair("critical"))
            let depth = node["depth"]?.integer(Int.self) ?? 0
            let service = node["service"]?.text ?? ""
            let operation = node["operation"]?.text ?? ""
            let call =
                String(repeating: "  ", count: min(depth, 16)) + (service.isEmpty ? "" : "\(service): ") + operation
            let change = critical.1 &- critical.0
            let cells = [
                spans.0 == 0 ? "in 2" : spans.1 == 0 ? "in 1" : "", String(spans.0), String(spans.1),
                spans.0 == 0 ? "-" : DurationWords.text(time.0), spans.1 == 0 ? "-" : DurationWords.text(time.1),
                DurationWords.text(critical.0), DurationWords.text(critical.1),
                change == 0 ? "" : (change < 0 ? "-" : "+") + DurationWords.text(abs(change)),
            ]
            return (format == .table ? [call] : [String(depth), service, operation]) + cells
        }
        Terminal.print(format.text(header: header, rows: rows))
        return .success
    }

    // MARK: Two sets

    private static func compareSets(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        var parameters = try TraceSearch.parameters(arguments, limit: 1000)
        if let threshold = arguments["--threshold"] { parameters.append(("threshold", threshold)) }
        if let way = arguments["--by"] { parameters.append(("by", way)) }
        let (body, answer) = try await ask("/api/v1/traces/compare-sets", parameters, arguments)
        func count(_ set: String) -> Int { answer[set]?["traces"]?.integer(Int.self) ?? 0 }
        let (slow, fast) = (count("slow"), count("fast"))
        if format == .json {
            Terminal.print(String(decoding: body, as: UTF8.self) + "\n")
            return slow > 0 && fast > 0 ? .success : .nothingFound
        }
        let isError = answer["by"]?.text == "error"
        let names = isError ? ("failed", "good") : ("slow", "fast")
        guard slow > 0, fast > 0 else {
            Terminal.printError("martlet: nothing to compare: \(slow) \(names.0) and \(fast) \(names.1) traces found")
            return .nothingFound
        }
        func share(_ part: Int, of all: Int) -> String { "\((part * 100 + all / 2) / all)%" }
        let rows = (answer["values"]?.elements ?? []).map { value in
            let first = value["slow"]?.integer(Int.self) ?? 0
            let second = value["fast"]?.integer(Int.self) ?? 0
            let lift = value["lift"]?.double.map { FloatText.shortest(($0 * 10).rounded() / 10) + "x" }
            let alike = value["alikeCount"]?.integer(Int.self) ?? 0
            let more = alike > 0 && format == .table ? " (and \(alike) alike)" : ""
            return [
                value["key"]?.text ?? "", (value["value"]?.text ?? "") + more,
                "\(first) (\(share(first, of: slow)))", "\(second) (\(share(second, of: fast)))", lift ?? "only here",
            ]
        }
        if format == .table {
            let border = DurationWords.text(answer["thresholdNanoseconds"]?.integer(Int64.self) ?? 0)
            let meaning = isError ? "" : " (\(border) and longer)"
            Terminal.print("\(slow) \(names.0) trace\(slow == 1 ? "" : "s")\(meaning), \(fast) \(names.1)\n")
            guard !rows.isEmpty else {
                Terminal.print("no attribute tells them apart\n")
                return .success
            }
        }
        Terminal.print(format.text(header: ["attribute", "value", names.0, names.1, "lift"], rows: rows))
        return .success
    }
}
