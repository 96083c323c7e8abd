/// How much a log record matters, from what only a developer reads to what wakes somebody.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    /// Every step.
    case trace
    /// What helps to find a fault.
    case debug
    /// What happens in normal work.
    case info
    /// Something is not as it should be; work goes on.
    case warn
    /// Something failed.
    case error
    /// The program cannot do its work.
    case critical

    /// The level's word: `trace`, `debug`, `info`, `warn`, `error`, `critical`.
    public var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// OpenTelemetry's severity number: 1, 5, 9, 13, 17 and 21.
    public var severityNumber: Int { rawValue * 4 + 1 }

    /// Syslog's severity: 7 for what a developer reads, 2 for what is critical.
    public var syslogSeverity: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .warn: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// The level of a word in any case; `warning` and `fatal` are known too.
    public init?(name: some StringProtocol) {
        switch name.lowercased() {
        case "warning": self = .warn
        case "fatal": self = .critical
        case let word:
            guard let level = Self.allCases.first(where: { $0.name == word }) else { return nil }
            self = level
        }
    }

    /// The level of OpenTelemetry's severity number, 1 to 24; `nil` for any other.
    public init?(severityNumber: Int) {
        guard (1...24).contains(severityNumber) else { return nil }
        self.init(rawValue: (severityNumber - 1) / 4)
    }

    /// Orders by how much a record matters.
    @inlinable
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
