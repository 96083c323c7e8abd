import MartletCompression
import MartletCore
import MartletEvents
import MartletHTTPServer
import MartletLogFormats
import MartletOTLP

/// Receives lines of logs over HTTP: JSON Lines and other text, journald's export, Loki's push.
struct LogIngestAPI: Sendable {
    /// The largest body to accept, in bytes after decompression.
    let bodyBytesMax: Int

    let logs: LogService
    let metrics: ServerMetrics
    let clock: any WallClock

    /// Why a request is refused.
    private struct Refusal: Error {
        let status: Int
        let message: String
    }

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/v1/logs/ingest") { request, _ in receive(request, "lines", lines) }
        router.add("POST", path: "/loki/api/v1/push") { request, _ in receive(request, "loki", loki) }
        // Where systemd-journal-upload sends to.
        router.add("POST", path: "/upload") { request, _ in receive(request, "journal", journal) }
        router.add("GET", path: "/loki/api/v1/status/buildinfo") { _, _ in
            .json(Array("{\"version\":\"3.4.0\",\"application\":\"Martlet\"}".utf8))
        }
    }

    private func receive(
        _ request: HTTPRequest,
        _ name: String,
        _ read: (HTTPRequest, [UInt8]) throws -> (LogBatch, LogInputCounts)
    ) -> HTTPResponse {
        metrics.ingest(request, by: name) {
            let (response, counts) = answer(request, name, read)
            return (response, IngestOutcome(counts))
        }
    }

    private func answer(
        _ request: HTTPRequest,
        _ name: String,
        _ read: (HTTPRequest, [UInt8]) throws -> (LogBatch, LogInputCounts)
    ) -> (HTTPResponse, LogInputCounts) {
        do {
            let (batch, counts) = try read(request, try body(of: request))
            if !batch.isEmpty { _ = try logs.append(LogsRequest(resourceLogs: batch.resourceLogs)) }
            return (name == "lines" ? Self.summary(counts) : HTTPResponse(status: 204), counts)
        } catch let refusal as Refusal {
            return (.text(refusal.message + "\n", status: refusal.status), LogInputCounts())
        } catch let failure as LokiPush.Failure {
            return (.text(failure.description + "\n", status: 400), LogInputCounts())
        } catch {
            var response = HTTPResponse.text("\(error)\n", status: 503)
            response.headers["Retry-After"] = "5"
            return (response, LogInputCounts())
        }
    }

    private static func summary(_ counts: LogInputCounts) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { object in
            object.member("status", "success")
            object.member(
                "data",
                object: { data in
                    data.member("records", counts.records)
                    data.member("unparsed", counts.unparsed)
                    data.member("cut", counts.cut)
                    data.member("repaired", counts.repaired)
                    data.member("retimed", counts.retimed)
                }
            )
        }
        return .json(writer.bytes)
    }

    private func body(of request: HTTPRequest) throws -> [UInt8] {
        do throws(CompressionError) {
            switch (request.headers["Content-Encoding"] ?? "identity").lowercased() {
            case "identity", "": return request.body
            case "gzip": return try Gzip.decompress(request.body, limit: bodyBytesMax)
            // Loki's clients name it or do not; its own handler looks at the content type.
            case "snappy": return try Snappy.decompress(request.body, limit: bodyBytesMax)
            default: break
            }
        } catch {
            let isLarge = error == .tooLarge(limit: bodyBytesMax)
            throw Refusal(status: isLarge ? 413 : 400, message: "cannot decompress the body: \(error)")
        }
        throw Refusal(status: 415, message: "send Content-Encoding: gzip, snappy or none")
    }

    private func type(of request: HTTPRequest) -> String {
        String((request.headers["Content-Type"] ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " })
    }

    private func lines(_ request: HTTPRequest, _ body: [UInt8]) throws -> (LogBatch, LogInputCounts) {
        let type = type(of: request)
        if type == "application/vnd.fdo.journal" { return journal(request, body) }
        let parameters = Parameters(request)
        let isJSON = ["application/x-ndjson", "application/jsonl", "application/json", "application/jsonlines"]
            .contains(type)
        var source: [Attribute] = []
        if let service = parameters["service"] { source.append(Attribute("service.name", service)) }
        if let host = parameters["host"] { source.append(Attribute("host.name", host)) }
        let limits = LogInputLimits()
        var parser = LineParser(isJSON ? .json : .automatic, limits: limits)
        var framer = LineFramer(limit: limits.lineBytes)
        var batch = LogBatch()
        let observed = clock.nanosecondsSinceEpoch
        var found = framer.take(body[...])
        if let last = framer.finish() { found.append(last) }
        for line in found where !line.bytes.isEmpty {
            batch.add(parser.parse(line, observed: observed), source: source)
        }
        guard !batch.isEmpty else { throw Refusal(status: 400, message: "the body has no line") }
        return (batch, parser.counts)
    }

    private func journal(_ request: HTTPRequest, _ body: [UInt8]) -> (LogBatch, LogInputCounts) {
        var export = JournalExport()
        var batch = LogBatch()
        let observed = clock.nanosecondsSinceEpoch
        for line in export.take(body[...], observed: observed) { batch.add(line) }
        // The last field and the last entry may lack their ends.
        for _ in 0..<2 {
            if let line = export.finish(observed: observed) { batch.add(line) }
        }
        return (batch, export.counts)
    }

    private func loki(_ request: HTTPRequest, _ body: [UInt8]) throws -> (LogBatch, LogInputCounts) {
        let observed = clock.nanosecondsSinceEpoch
        if type(of: request) == "application/json" {
            let push = try LokiPush(json: body, observed: observed)
            return (push.batch, push.counts)
        }
        let isPlain = (request.headers["Content-Encoding"] ?? "").lowercased() == "snappy"
        let message: [UInt8]
        do throws(CompressionError) {
            message = isPlain ? body : try Snappy.decompress(body, limit: bodyBytesMax)
        } catch {
            let isLarge = error == .tooLarge(limit: bodyBytesMax)
            throw Refusal(
                status: isLarge ? 413 : 400,
                message: "send JSON, or protobuf compressed with snappy: \(error)"
            )
        }
        let push = try LokiPush(protobuf: message, observed: observed)
        return (push.batch, push.counts)
    }
}
