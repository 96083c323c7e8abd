import MartletCore

/// Jaeger's old header `uber-trace-id`, and `uberctx-` for baggage; they are read, not written.
public struct JaegerPropagator: Propagator {
    /// Creates a propagator.
    public init() {}

    /// No header is written.
    public var fields: [String] { [] }

    /// Writes nothing.
    public func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void) {}

    /// Reads the span: trace id, span id, id of the parent (which is not used), flags.
    public func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String]) {
        guard let header = get("uber-trace-id").first, let span = JaegerPropagator.parse(header) else { return }
        context.span = span
    }

    static func parse(_ header: String) -> SpanContext? {
        let text = header.replacingPercentColons()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard parts.count == 4, (1...32).contains(parts[0].count), (1...16).contains(parts[1].count) else { return nil }
        let split = max(0, parts[0].count - 16)
        let high = split == 0 ? 0 : HexText.parse(parts[0][..<split])
        guard let high, let low = HexText.parse(parts[0][split...]), let span = HexText.parse(parts[1][...]),
            parts[3].count <= 2, let flags = HexText.parse(parts[3][...])
        else { return nil }
        let context = SpanContext(
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(span),
            flags: UInt32(flags) & SpanContext.sampledFlag | SpanContext.remoteFlag
        )
        return context.isValid ? context : nil
    }
}

extension String {
    /// The text with `%3A`, as some clients write colons, made colons again.
    fileprivate func replacingPercentColons() -> String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "%"), rest.count >= 3, rest[rest.startIndex + 1] == UInt8(ascii: "3"),
                rest[rest.startIndex + 2] | 0x20 == UInt8(ascii: "a")
            {
                bytes.append(UInt8(ascii: ":"))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
