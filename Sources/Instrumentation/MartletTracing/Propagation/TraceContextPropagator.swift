public import MartletCore

/// W3C's headers `traceparent` and `tracestate`.
///
/// - SeeAlso: [W3C Trace Context, level 2](https://www.w3.org/TR/trace-context-2/)
public struct TraceContextPropagator: Propagator {
    /// Creates a propagator.
    public init() {}

    /// The headers that are written.
    public var fields: [String] { ["traceparent", "tracestate"] }

    /// Writes the span and, where there is any, the trace state.
    public func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void) {
        guard let span = context.span, span.isValid else { return }
        set("traceparent", TraceContextPropagator.header(span))
        if !context.traceState.isEmpty { set("tracestate", context.traceState.description) }
    }

    /// Reads the span and, where that is well, the trace state.
    public func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String]) {
        let headers = get("traceparent")
        guard headers.count == 1, let span = TraceContextPropagator.parse(headers[0]) else { return }
        context.span = span
        let state = get("tracestate")
        context.traceState = state.isEmpty ? TraceState() : TraceState(state.joined(separator: ",")) ?? TraceState()
    }

    /// The header of a span: version 00, both ids, and the flags that this version knows.
    public static func header(_ span: SpanContext) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "0"), UInt8(ascii: "0"), UInt8(ascii: "-")]
        bytes.reserveCapacity(55)
        HexText.append(span.traceID.high, to: &bytes)
        HexText.append(span.traceID.low, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        HexText.append(span.spanID.bits, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "0") + UInt8(span.flags & 3))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads the header; `nil` where it breaks a rule.
    ///
    /// Later versions than 00 are read as far as they agree with it.
    public static func parse(_ header: some StringProtocol) -> SpanContext? {
        let bytes = Array(header.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            bytes[..<55].allSatisfy({ $0 == dash || isLowerHex($0) }),
            let version = HexText.parse(bytes[0..<2]), let high = HexText.parse(bytes[3..<19]),
            let low = HexText.parse(bytes[19..<35]), let span = HexText.parse(bytes[36..<52]),
            let flags = HexText.parse(bytes[53..<55]), version != 0xff,
            bytes.count == 55 || version > 0 && bytes[55] == dash
        else { return nil }
        let known = version == 0 ? UInt32(flags) & 3 : UInt32(flags) & 1
        let context = SpanContext(
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(span),
            flags: known | SpanContext.remoteFlag
        )
        return context.isValid ? context : nil
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
