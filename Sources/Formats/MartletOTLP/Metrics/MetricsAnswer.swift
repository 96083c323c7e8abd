import MartletCore
import MartletProtobuf

/// What a receiver of metrics answers: `ExportMetricsServiceResponse`.
public struct MetricsAnswer: Hashable, Sendable {
    /// How many points were refused; the others were taken.
    public var rejectedPoints: Int

    /// Why, or a warning where nothing was refused; empty where all is well.
    public var message: String

    /// Creates an answer.
    public init(rejectedPoints: Int = 0, message: String = "") {
        self.rejectedPoints = rejectedPoints
        self.message = message
    }

    /// The answer as protobuf; nothing at all where all is well, as the protocol demands.
    public func protobuf() -> [UInt8] {
        guard rejectedPoints > 0 || !message.isEmpty else { return [] }
        var writer = ProtobufWriter()
        writer.message(1) { part in
            part.integer(1, ifSet: Int64(rejectedPoints))
            part.text(2, ifSet: message)
        }
        return writer.bytes
    }

    /// The answer as JSON.
    public func json() -> [UInt8] {
        guard rejectedPoints > 0 || !message.isEmpty else { return Array("{}".utf8) }
        let text =
            "{\"partialSuccess\":{\"rejectedDataPoints\":\"\(rejectedPoints)\",\"errorMessage\":"
            + JSONText.quoted(message) + "}}"
        return Array(text.utf8)
    }
}
