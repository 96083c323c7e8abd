import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletSeries

/// What went wrong in a request to the Prometheus API, in that API's words.
///
/// - SeeAlso: [Format overview](https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview)
struct APIError: Error {
    enum Kind: String {
        case badData = "bad_data"
        case execution
        case timeout
        case canceled
        case internalError = "internal"
        case unavailable
        case notFound = "not_found"

        var status: Int {
            switch self {
            case .badData: 400
            case .execution: 422
            case .timeout, .unavailable: 503
            case .canceled: 499
            case .internalError: 500
            case .notFound: 404
            }
        }
    }

    let kind: Kind
    let message: String

    static func badParameter(_ name: String, _ message: String) -> APIError {
        APIError(kind: .badData, message: "invalid parameter \"\(name)\": \(message)")
    }

    init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    init(_ error: SeriesError) {
        switch error {
        case .storageUnavailable: self.init(kind: .unavailable, message: error.description)
        case .limitExceeded: self.init(kind: .execution, message: error.description)
        case .damaged: self.init(kind: .internalError, message: error.description)
        case .cancelled: self.init(kind: .canceled, message: error.description)
        }
    }

    init(_ error: PromQLError) {
        if case .storage(let storage) = error {
            self.init(storage)
        } else {
            self.init(kind: Kind(rawValue: error.errorType) ?? .internalError, message: error.description)
        }
    }

    init(_ error: QueryTracker.Refusal) {
        switch error {
        case .tooMany(let count):
            let message =
                "\(count) queries run and as many wait; ask again later, or raise server.limits.query_concurrency"
            self.init(kind: .unavailable, message: message)
        case .cancelled:
            self.init(kind: .canceled, message: "query was canceled in query queue")
        case .timeout:
            self.init(kind: .timeout, message: "query timed out in query queue")
        }
    }

    var response: HTTPResponse {
        var writer = JSONWriter()
        writer.object {
            $0.member("status", "error")
            $0.member("errorType", kind.rawValue)
            $0.member("error", message)
        }
        var response = HTTPResponse.json(writer.bytes, status: kind.status)
        if kind == .unavailable { response.headers["Retry-After"] = "5" }
        return response
    }
}
