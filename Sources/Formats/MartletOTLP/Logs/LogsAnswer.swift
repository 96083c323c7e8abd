/// What a receiver of log records answers: `ExportLogsServiceResponse`.
public struct LogsAnswer: Hashable, Sendable {
    /// How many records were refused; the others were taken.
    public var rejectedRecords: Int

    /// Why, or a warning where nothing was refused; empty where all is well.
    public var message: String

    /// Creates an answer.
    public init(rejectedRecords: Int = 0, message: String = "") {
        self.rejectedRecords = rejectedRecords
        self.message = message
    }

    /// The answer as protobuf; nothing at all where all is well, as the protocol demands.
    public func protobuf() -> [UInt8] {
        PartialSuccess(rejected: rejectedRecords, message: message).protobuf()
    }

    /// The answer as JSON.
    public func json() -> [UInt8] {
        PartialSuccess(rejected: rejectedRecords, message: message).json(member: "rejectedLogRecords")
    }
}
