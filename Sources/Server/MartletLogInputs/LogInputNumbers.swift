public import MartletLogFormats
import Synchronization

/// What an input counts about its work.
public final class LogInputNumbers: Sendable {
    /// The counts at a moment.
    public struct Values: Hashable, Sendable {
        /// What became of lines and messages.
        public var lines = LogInputCounts()
        /// How many records the store took.
        public var taken = 0
        /// How many records were given up because the store refused them for too long.
        public var dropped = 0
        /// How often the store refused records, which were tried again.
        public var refusals = 0
        /// How many bytes were read.
        public var bytes = 0
    }

    /// The input's name, as it stands in metrics.
    public let name: String

    private let values = Mutex(Values())

    /// Creates counts of nothing.
    public init(_ name: String) {
        self.name = name
    }

    /// The counts now.
    public var current: Values { values.withLock { $0 } }

    func change(_ body: (inout Values) -> Void) {
        values.withLock { body(&$0) }
    }
}
