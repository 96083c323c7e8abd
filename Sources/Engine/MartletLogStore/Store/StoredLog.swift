public import MartletCore
public import MartletOTLP

/// A log record as the store gives it back.
public struct StoredLog: Hashable, Sendable {
    /// The record's number in the store, in the order of arrival; with its time it is the record's place in answers.
    public var sequence: UInt64

    /// When it happened, in nanoseconds since the epoch; when it was seen where nobody said.
    public var time: Int64

    /// The record as it came.
    public var entry: LogEntry

    /// Where it comes from.
    public var resource: Resource

    /// The library or logger it was made with.
    public var scope: InstrumentationScope

    /// Creates a record.
    public init(
        sequence: UInt64,
        time: Int64,
        entry: LogEntry,
        resource: Resource = Resource(),
        scope: InstrumentationScope = InstrumentationScope()
    ) {
        self.sequence = sequence
        self.time = time
        self.entry = entry
        self.resource = resource
        self.scope = scope
    }

    /// The service it comes from; empty where nobody said.
    public var service: String {
        resource.attributes.first { $0.key == "service.name" }?.value.text ?? ""
    }

    /// The record's place.
    public var cursor: LogCursor { LogCursor(time: time, sequence: sequence) }
}

/// A place among records in the order of their times, and of their arrival where these are equal.
public struct LogCursor: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The record's time, in nanoseconds since the epoch.
    public var time: Int64

    /// The record's number.
    public var sequence: UInt64

    /// Creates a place.
    public init(time: Int64, sequence: UInt64) {
        self.time = time
        self.sequence = sequence
    }

    /// Reads what ``description`` wrote.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = UInt64(parts[0], radix: 16), let sequence = UInt64(parts[1], radix: 16)
        else {
            return nil
        }
        self.init(time: Int64(bitPattern: time), sequence: sequence)
    }

    /// The place as a text without meaning, for addresses.
    public var description: String {
        String(UInt64(bitPattern: time), radix: 16) + "-" + String(sequence, radix: 16)
    }

    /// Orders places by time, then by arrival.
    public static func < (left: LogCursor, right: LogCursor) -> Bool {
        (left.time, left.sequence) < (right.time, right.sequence)
    }
}
