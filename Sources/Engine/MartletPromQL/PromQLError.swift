public import MartletSeries

/// Why a query has no result.
public enum PromQLError: Error, Hashable, Sendable {
    /// The text is no PromQL, or its types don't fit; line and column count from one.
    case parse(message: String, line: Int, column: Int)

    /// The text is PromQL that this version reads but does not evaluate; the construct is named in PromQL's words.
    case unsupported(construct: String, line: Int, column: Int)

    /// The values don't allow the operation, such as duplicate series on both sides of a match.
    case execution(String)

    /// The query needs more than its limits allow.
    case limit(String)

    /// The query ran longer than its time limit.
    case timeout

    /// Whoever asked no longer wants the answer.
    case cancelled

    /// The store could not be read.
    case storage(SeriesError)

    /// The word by which the HTTP API of Prometheus tells kinds of errors apart.
    public var errorType: String {
        switch self {
        case .parse: "bad_data"
        case .unsupported, .execution, .limit: "execution"
        case .timeout: "timeout"
        case .cancelled: "canceled"
        case .storage(.cancelled): "canceled"
        case .storage(.limitExceeded): "execution"
        case .storage: "internal"
        }
    }
}

extension PromQLError: CustomStringConvertible {
    /// The message, in Prometheus' words where it has them.
    public var description: String {
        switch self {
        case .parse(let message, let line, let column): "\(line):\(column): parse error: \(message)"
        case .unsupported(let construct, let line, let column):
            "\(line):\(column): \(construct) is understood but not evaluated by this version; rewrite the query without it"
        case .execution(let message), .limit(let message): message
        case .timeout: "query timed out in expression evaluation"
        case .cancelled: "query was canceled in expression evaluation"
        case .storage(let error): error.description
        }
    }
}
