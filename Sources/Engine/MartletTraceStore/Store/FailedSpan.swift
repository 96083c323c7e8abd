public import MartletCore
import MartletOTLP

/// A span that came with the status of an error, with where it comes from.
public struct FailedSpan: Sendable {
    /// Where the span comes from.
    public let resource: Resource

    /// The span, without its attributes; its events tell of exceptions.
    public let span: FinishedSpan
}

extension ParsedSpans {
    /// How many failed spans of one request are told of.
    static let failedMax = 1000

    /// The failed spans of the request, of the first ``failedMax``.
    var failed: [FailedSpan] {
        rows.lazy.filter { $0.status == SpanStatus.Code.error.rawValue }.prefix(Self.failedMax).compactMap(failedSpan)
    }

    /// The row as the message it came as, read again: this is rare enough.
    private func failedSpan(_ row: Row) -> FailedSpan? {
        let basics = SpanBasics(
            traceID: traces[Int(row.trace)],
            spanID: SpanID(row.span),
            parentID: SpanID(row.parent),
            start: row.start,
            end: row.end,
            kind: SpanKind(rawValue: row.kind) ?? .unspecified,
            status: .error
        )
        var span: [UInt8] = []
        SpanMessage.append(basics, name: bytes.span.extracting(names[Int(row.name)].range), flags: row.flags, to: &span)
        span += extras[row.extra]
        var (scope, resource, request): ([UInt8], [UInt8], [UInt8]) = ([], origins[Int(row.origin)].resource, [])
        SpanMessage.append(2, span, to: &scope)
        SpanMessage.append(2, scope, to: &resource)
        SpanMessage.append(1, resource, to: &request)
        let read = try? TracesRequest(decoding: request).resourceSpans.first
        return read.flatMap { found in
            found.scopeSpans.first?.spans.first.map { FailedSpan(resource: found.resource, span: $0) }
        }
    }
}
