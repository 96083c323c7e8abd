import MartletCompression
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletPromQL
import MartletRemoteRead
import MartletSeries
import Synchronization

/// Lets other servers read series: `/api/v1/read`, as samples or as a stream of chunks.
///
/// - SeeAlso: [Remote read API](https://prometheus.io/docs/prometheus/3.5/querying/remote_read_api/)
struct RemoteReadAPI: Sendable {
    let server: Server
    let source: any SeriesSource
    let patterns: any PatternCompiler

    /// The largest request, in bytes after decompression.
    private static let bodyBytesMax = 1 << 20

    /// How many samples one request may read.
    private static let samplesMax = 50_000_000

    func addRoutes(to router: inout Router) {
        router.add("POST", path: "/api/v1/read") { request, _ in answer(request) }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        let read: ReadRequest
        do {
            read = try ReadRequest(decoding: Snappy.decompress(request.body, limit: Self.bodyBytesMax))
        } catch {
            return .text("cannot read the body as a snappy-compressed prometheus.ReadRequest: \(error)\n", status: 400)
        }
        let start = read.queries.map(\.start).min() ?? 0
        let end = max(start, read.queries.map(\.end).max() ?? 0)
        do {
            let results = try server.queries.run(
                "remote read of \(read.queries.count) selections",
                kind: "read",
                client: request.remoteAddress,
                range: start...end,
                timeout: server.engine.options.timeout,
                isCancelled: request.isCancelled
            ) {
                let results = try select(read)
                return (results, results.reduce(0) { $0 + $1.reduce(0) { $0 + $1.timestamps.count } })
            }
            return respond(read, results)
        } catch let error as PatternError {
            return .text("\(error.description)\n", status: 400)
        } catch let error as SeriesError {
            if case .limitExceeded = error { return .text("\(error.description)\n", status: 400) }
            return .text("\(error.description)\n", status: 500)
        } catch let error as QueryTracker.Refusal {
            return APIError(error).response
        } catch {
            return .text("\(error)\n", status: 500)
        }
    }

    private func select(_ read: ReadRequest) throws -> [[ReadSeries]] {
        let external = server.status.snapshot.configuration.global.externalLabels
        var limit = SelectionLimit(samples: Self.samplesMax)
        return try read.queries.map { query in
            guard query.start <= query.end else { return [] }
            let matchers = try query.matchers.compactMap { matcher throws(PatternError) -> LabelMatcher? in
                // What all series of this server have in other servers' eyes is not stored with them.
                if matcher.kind == .equal, external[matcher.name] == matcher.value { return nil }
                return try LabelMatcher(
                    matcher.name,
                    Self.operations[matcher.kind] ?? .equal,
                    matcher.value,
                    compiler: patterns
                )
            }
            let found = try source.select(matchers, in: query.start...query.end, limit: limit)
            limit.samples -= found.reduce(0) { $0 + $1.timestamps.count }
            return found.map { Self.readSeries($0, external) }
        }
    }

    private static let operations: [ReadRequest.Matcher.Kind: LabelMatcher.Operation] = [
        .equal: .equal, .notEqual: .notEqual, .matches: .matches, .doesNotMatch: .doesNotMatch,
    ]

    private static func readSeries(_ series: Series, _ external: LabelSet) -> ReadSeries {
        let labels = external.isEmpty ? series.labels : LabelSet(Array(external) + Array(series.labels))
        guard !series.histograms.isEmpty else {
            return ReadSeries(labels: labels, timestamps: series.timestamps, values: series.values)
        }
        var read = ReadSeries(labels: labels, timestamps: [], values: [])
        for (index, histogram) in series.histograms.enumerated() {
            if let histogram {
                read.histograms.append(HistogramMessage.encode(histogram, at: series.timestamps[index]))
            } else {
                read.timestamps.append(series.timestamps[index])
                read.values.append(series.values[index])
            }
        }
        return read
    }

    private func respond(_ read: ReadRequest, _ results: [[ReadSeries]]) -> HTTPResponse {
        let hasHistograms = results.contains { $0.contains { !$0.histograms.isEmpty } }
        let wantsSamples = read.accepted.first != .streamedChunks
        // Chunks of histograms have a form of their own; readers that take samples get them in these.
        if wantsSamples || hasHistograms {
            guard wantsSamples || read.accepted.contains(.samples) else {
                return .text("native histograms are sent as samples only; accept response type SAMPLES\n", status: 400)
            }
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"],
                body: .bytes(Snappy.compress(ReadResponse.samples(results)))
            )
        }
        let place = Mutex((query: 0, series: 0))
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"],
            body: .chunks {
                place.withLock { place in
                    var part: [UInt8] = []
                    while part.count < 1 << 16, place.query < results.count {
                        guard place.series < results[place.query].count else {
                            place = (place.query + 1, 0)
                            continue
                        }
                        part += ReadResponse.frames(results[place.query][place.series], query: place.query)
                        place.series += 1
                    }
                    return part.isEmpty ? nil : part
                }
            }
        )
    }
}
