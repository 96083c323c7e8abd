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
    public var name: String { String(describing: self) }

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

    /// Orders by how much a record matters.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
