import MartletCompression
import MartletExposition
import MartletHTTPServer
import MartletHealth
import MartletLogging
import MartletMetrics
import Synchronization

/// What the metrics server answers.
struct MetricsAnswers: Sendable {
    let registry: MetricRegistry
    let options: MetricsServer.Options
    let logger: Logger

    /// Bodies below this many bytes are sent as they are: they fit into one packet.
    private static let compressedBytesMin = 1400

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/metrics", "/metrics/json", "/health": break
        case "/log-filter" where options.levels != nil: return logFilter(request)
        default: return .text("not found: /metrics, /metrics/json and /health are here\n", status: 404)
        }
        guard request.method == "GET" else {
            var refusal = HTTPResponse.text("\(request.method) is not allowed here; use GET\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal
        }
        switch request.path {
        case "/metrics": return metrics(request)
        case "/metrics/json": return json(request)
        default:
            if let report = options.monitor?.report {
                return .json(Array(report.json().utf8), status: report.httpStatusCode())
            }
            let health = options.health()
            return .json(health.json, status: health.httpStatus)
        }
    }

    private func metrics(_ request: HTTPRequest) -> HTTPResponse {
        let accept = request.headers.values(of: "Accept").joined(separator: ",")
        let negotiated = ExpositionFormat.negotiated(accept: accept)
        var renderer = ExpositionRenderer(negotiated)
        renderer.showsCreation = options.showsCreation
        return send(renderer, as: negotiated.contentType, to: request)
    }

    private func logFilter(_ request: HTTPRequest) -> HTTPResponse {
        guard let levels = options.levels else { return .text("not found\n", status: 404) }
        switch request.method {
        case "GET", "HEAD": break
        case "PUT", "POST":
            // A page in a browser must not change anything here.
            guard request.headers["Origin"] == nil else {
                return .text("requests from pages are refused\n", status: 403)
            }
            guard let text = request.parameters.first(where: { $0.name == "filter" })?.value else {
                return .text("the parameter filter is missing; give one such as info,db=debug\n", status: 400)
            }
            do throws(LogFilterError) {
                let (new, before) = (try LogFilter(parsing: text), levels.filter)
                levels.filter = new
                logger.warn(
                    "the log filter was changed",
                    [
                        "before": .string("\(before)"), "filter": .string("\(new)"),
                        "client": .string(request.remoteAddress),
                    ]
                )
            } catch {
                return .text("\(error)\n", status: 400)
            }
        default:
            var refusal = HTTPResponse.text("\(request.method) is not allowed here; use GET or PUT\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD, PUT, POST"
            return refusal
        }
        return .text("\(levels.filter)\n")
    }

    private func json(_ request: HTTPRequest) -> HTTPResponse {
        let name = request.parameters.first { $0.name == "shape" }?.value ?? JSONShape.list.rawValue
        guard let shape = JSONShape(rawValue: name) else {
            return .text("unknown shape \"\(name.prefix(64))\"; use list or collectors\n", status: 400)
        }
        return send(ExpositionRenderer(.json, shape: shape), as: "application/json", to: request)
    }

    private func send(_ renderer: ExpositionRenderer, as type: String, to request: HTTPRequest) -> HTTPResponse {
        let families = registry.gather().prefixed(
            namespace: options.namespace,
            includesCollector: options.includesCollector
        )
        var chunks = renderer.chunks(families)
        let first = chunks.next() ?? []
        var response = HTTPResponse(status: 200, headers: ["Content-Type": type, "Vary": "Accept, Accept-Encoding"])
        let second = chunks.next()
        if second == nil, first.count < MetricsAnswers.compressedBytesMin {
            response.body = .bytes(first)
            return response
        }
        let isCompressed = request.acceptsGzip
        if isCompressed { response.headers["Content-Encoding"] = "gzip" }
        guard second != nil else {
            response.body = .bytes(isCompressed ? Gzip.compress(first, level: 1) : first)
            return response
        }
        let body = AnswerBody(chunks, head: [first, second ?? []], isCompressed: isCompressed)
        response.body = .chunks { body.next() }
        return response
    }
}

/// The pieces of an answer, compressed where that was agreed on.
///
/// The server asks for one piece after the other, on whichever of its threads is free.
private final class AnswerBody: Sendable {
    private struct State: ~Copyable {
        var chunks: ExpositionChunks
        var head: [[UInt8]]
        var gzip: GzipWriter?
        var hasEnded = false
    }

    private let state: Mutex<State>

    init(_ chunks: ExpositionChunks, head: [[UInt8]], isCompressed: Bool) {
        state = Mutex(
            State(chunks: chunks, head: head.reversed(), gzip: isCompressed ? GzipWriter(level: 1) : nil)
        )
    }

    func next() -> [UInt8]? {
        state.withLock { state in
            while !state.hasEnded {
                guard let chunk = state.head.popLast() ?? state.chunks.next() else {
                    state.hasEnded = true
                    return state.gzip?.finish()
                }
                let piece = state.gzip?.compress(chunk) ?? chunk
                if !piece.isEmpty { return piece }
            }
            return nil
        }
    }
}
