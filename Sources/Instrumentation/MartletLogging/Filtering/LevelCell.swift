public import Synchronization

/// The level from which on one target is heard; loggers of the target share it, so that a change reaches them all.
@usableFromInline
final class LevelCell: Sendable {
    /// The number of the lowest level that is on; one more than the highest where none is.
    @usableFromInline let minimum: Atomic<Int>

    init(_ level: LogLevel?) {
        minimum = Atomic(Self.number(level))
    }

    /// Whether a level is on: one relaxed load.
    @inlinable
    func isOn(_ level: LogLevel) -> Bool {
        level.rawValue >= minimum.load(ordering: .relaxed)
    }

    func set(_ level: LogLevel?) {
        minimum.store(Self.number(level), ordering: .relaxed)
    }

    var level: LogLevel? { LogLevel(rawValue: minimum.load(ordering: .relaxed)) }

    private static func number(_ level: LogLevel?) -> Int { level?.rawValue ?? LogLevel.critical.rawValue + 1 }
}
