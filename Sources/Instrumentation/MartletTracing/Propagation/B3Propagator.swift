import MartletCore

/// Zipkin's headers: `b3`, or `X-B3-TraceId` and its kin.
///
/// Both are read.
///
/// - SeeAlso: [B3](https://github.com/openzipkin/b3-propagation)
public struct B3Propagator: Propagator {
    /// How the headers are written.
    public enum Form: Hashable, Sendable {
        /// All in one, `b3`.
        case single
        /// One each, `X-B3-TraceId` and its kin.
        case multiple
    }

    /// How the headers are written.
    public var form: Form

    /// Creates a propagator.
    public init(_ form: Form = .single) {
        self.form = form
    }

    /// The headers that are written.
    public var fields: [String] {
        form == .single ? ["b3"] : ["X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled"]
    }

    /// Writes the span.
    public func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void) {
        guard let span = context.span, span.isValid else { return }
        let sampled = span.isSampled ? "1" : "0"
        switch form {
        case .single: set("b3", "\(span.traceID)-\(span.spanID)-\(sampled)")
        case .multiple:
            set("X-B3-TraceId", span.traceID.description)
            set("X-B3-SpanId", span.spanID.description)
            set("X-B3-Sampled", sampled)
        }
    }

    /// Reads the span: from `b3` where that is well, otherwise from the others.
    public func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String]) {
        if let header = get("b3").first, let span = B3Propagator.parse(header) {
            context.span = span
            return
        }
        guard let trace = get("x-b3-traceid").first, let span = get("x-b3-spanid").first else { return }
        let isDebug = get("x-b3-flags").first == "1"
        let sampled = get("x-b3-sampled").first?.lowercased()
        let state = isDebug ? "d" : sampled.map { $0 == "true" ? "1" : $0 == "false" ? "0" : $0 } ?? ""
        guard let found = B3Propagator.context(trace, span, state) else { return }
        context.span = found
    }

    /// Reads `b3`: trace id, span id, and optionally the decision and the id of the parent.
    static func parse(_ header: String) -> SpanContext? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard (2...4).contains(parts.count) else { return nil }
        if parts.count == 4, SpanID(parts[3]) == nil { return nil }
        return context(parts[0], parts[1], parts.count > 2 ? parts[2] : "")
    }

    private static func context(_ trace: String, _ span: String, _ sampled: String) -> SpanContext? {
        let wide = trace.utf8.count == 16 ? String(repeating: "0", count: 16) + trace : trace
        guard wide.utf8.count == 32, let traceID = TraceID(wide), let spanID = SpanID(span) else { return nil }
        let flags: UInt32
        switch sampled {
        case "1", "d": flags = SpanContext.sampledFlag
        case "0", "": flags = 0
        default: return nil
        }
        let context = SpanContext(traceID: traceID, spanID: spanID, flags: flags | SpanContext.remoteFlag)
        return context.isValid ? context : nil
    }
}
