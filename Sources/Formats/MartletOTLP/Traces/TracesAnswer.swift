import MartletCore
import MartletProtobuf

/// What a receiver of traces answers: `ExportTraceServiceResponse`.
public struct TracesAnswer: Hashable, Sendable {
    /// How many spans were refused; the others were taken.
    public var rejectedSpans: Int

    /// Why, or a warning where nothing was refused; empty where all is well.
    public var message: String

    /// Creates an answer.
    public init(rejectedSpans: Int = 0, message: String = "") {
        self.rejectedSpans = rejectedSpans
        self.message = message
    }

    /// The answer as protobuf; nothing at all where all is well, as the protocol demands.
    public func protobuf() -> [UInt8] {
        PartialSuccess(rejected: rejectedSpans, message: message).protobuf()
    }

    /// The answer as JSON.
    public func json() -> [UInt8] {
        PartialSuccess(rejected: rejectedSpans, message: message).json(member: "rejectedSpans")
    }

    /// Reads an answer from protobuf; unknown fields are passed over.
    public init(decoding bytes: [UInt8]) throws(OTLPError) {
        let partial = try PartialSuccess(decoding: bytes)
        self.init(rejectedSpans: partial.rejected, message: partial.message)
    }

    /// Reads an answer from JSON; unknown members are passed over.
    public init(json bytes: [UInt8]) throws(OTLPError) {
        let partial = try PartialSuccess(json: bytes, member: "rejectedSpans")
        self.init(rejectedSpans: partial.rejected, message: partial.message)
    }
}
