import MartletConfiguration
import MartletExposition
import MartletHTTPClient

/// `martlet check metrics [FILE|URL]`.
enum CheckMetricsVerb: Verb {
    private enum Format: String, CaseIterable {
        case prometheus, openmetrics
    }

    /// The largest page that is read.
    private static let bytesMax = 256 << 20

    static let syntax = Syntax(
        words: ["check", "metrics"],
        summary: "Check a page of metrics, from standard input where nothing is named.",
        operands: "[FILE|URL]",
        operandCount: 0...1,
        options: [
            .init(name: "--format", value: "FORMAT", help: "prometheus (text 0.0.4, the default) or openmetrics"),
            .init(name: "--strict", help: "exit with 1 for warnings too, breaches of the naming conventions"),
        ],
        discussion:
            "Prints all problems, one a line, as SOURCE:LINE:COLUMN: what is wrong. Exits with 1 when there is any error."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try arguments.choice("--format", of: Format.self) ?? .prometheus
        let source = arguments.operands.first ?? "-"
        let bytes = try await page(source)
        let problems = ExpositionLint.check(bytes, format: format == .prometheus ? .text : .openMetrics)
        let name = source == "-" ? "stdin" : source
        for problem in problems { Terminal.print("\(name):\(problem)\n") }
        let isStrict = arguments.has("--strict")
        return problems.contains { $0.isError || isStrict } ? .failure : .success
    }

    private static func page(_ source: String) async throws -> [UInt8] {
        guard source.hasPrefix("http://") || source.hasPrefix("https://") else {
            return try FileContent.bytes(of: source == "-" ? "/dev/stdin" : source, bytesMax: bytesMax)
        }
        var request = OutgoingRequest(url: source)
        request.bodyBytesMax = bytesMax
        let response: IncomingResponse
        do {
            response = try await HTTPClient().send(request)
        } catch {
            throw Failure("cannot read \(source): \(error.description)", status: .unreachable)
        }
        guard response.status == 200 else { throw Failure("\(source) answered \(response.status)") }
        return response.body
    }
}
