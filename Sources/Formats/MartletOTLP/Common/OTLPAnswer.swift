import MartletCore
import MartletProtobuf

/// What a receiver answers; on the wire the answers of the three signals differ in one name, and only as JSON.
///
/// - SeeAlso: `ExportMetricsServiceResponse`, `ExportTraceServiceResponse` and `ExportLogsServiceResponse` of
///   [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct OTLPAnswer: Hashable, Sendable {
    /// What a request consists of.
    public enum Items: String, Sendable {
        /// Points of metrics.
        case points = "rejectedDataPoints"
        /// Spans of traces.
        case spans = "rejectedSpans"
        /// Log records.
        case records = "rejectedLogRecords"
    }

    /// What was counted.
    public let items: Items

    /// How many were refused; the others were taken.
    public var rejected = 0

    /// Why, or a warning where nothing was refused; empty where all is well.
    public var message = ""

    /// Creates an answer, by default that all is well.
    public init(_ items: Items, rejected: Int = 0, message: String = "") {
        self.items = items
        self.rejected = rejected
        self.message = message
    }

    /// The answer as protobuf; nothing at all where all is well, as the protocol demands.
    public func protobuf() -> [UInt8] {
        guard rejected > 0 || !message.isEmpty else { return [] }
        var writer = ProtobufWriter()
        writer.message(1) { part in
            part.integer(1, ifSet: Int64(rejected))
            part.text(2, ifSet: message)
        }
        return writer.bytes
    }

    /// The answer as JSON.
    public func json() -> [UInt8] {
        guard rejected > 0 || !message.isEmpty else { return Array("{}".utf8) }
        let text =
            "{\"partialSuccess\":{\"\(items.rawValue)\":\"\(rejected)\",\"errorMessage\":" + JSONText.quoted(message)
            + "}}"
        return Array(text.utf8)
    }

    /// Reads an answer from protobuf; unknown fields are passed over.
    ///
    /// - Throws: ``OTLPError`` where the bytes are no message.
    public init(_ items: Items, decoding bytes: [UInt8]) throws(OTLPError) {
        self.items = items
        var reader = ProtobufReader(bytes)
        do {
            while let field = try reader.next() {
                guard field.number == 1 else { continue }
                var part = try reader.message(field)
                while let field = try part.next() {
                    switch field.number {
                    case 1: rejected = Int(clamping: try part.integer(field))
                    case 2: message = try part.repairedText(field)
                    default: break
                    }
                }
            }
        } catch {
            throw .protobuf(error)
        }
    }

    /// Reads an answer from JSON; unknown members are passed over.
    ///
    /// - Throws: ``OTLPError`` where the bytes are no JSON, or not of an answer.
    public init(_ items: Items, json bytes: [UInt8]) throws(OTLPError) {
        var reader = JSONReader(bytes)
        var (rejected, message) = (0, "")
        try reader.message { reader, name throws(OTLPError) in
            guard name == "partialSuccess" else { return try reader.skip() }
            try reader.message { reader, name throws(OTLPError) in
                switch name {
                case items.rawValue: rejected = Int(clamping: try reader.int64())
                case "errorMessage": message = try reader.string()
                default: try reader.skip()
                }
            }
        }
        self.init(items, rejected: rejected, message: message)
    }
}
