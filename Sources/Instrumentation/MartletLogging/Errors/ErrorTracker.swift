public import MartletCore
import Synchronization

/// Groups the errors of a program, so that a thousand of one kind are one line with a count.
///
/// At most `groupsMax` groups are kept; for a further one the group that was seen longest ago makes room, and is counted.
public final class ErrorTracker: Sendable {
    /// One error.
    public struct Occurrence: Sendable {
        /// When, in milliseconds since the epoch.
        public let time: Int64
        /// The group it belongs to.
        public let fingerprint: ErrorFingerprint
        /// Its type.
        public let type: String
        /// Where it came up.
        public let component: String
        /// What it says.
        public let message: String
        /// The release in which it came.
        public let release: String
        /// The span it came up in.
        public let context: SpanContext?
    }

    private struct State {
        var groups: [ErrorFingerprint: ErrorGroup] = [:]
        var history: [Occurrence] = []
        var historyStart = 0
        var counts: [String: UInt64] = [:]
        var total: UInt64 = 0
        var forgotten: UInt64 = 0
    }

    /// How many groups are kept at most.
    public let groupsMax: Int

    /// How many single errors are kept at most, the latest (`max_error_history`).
    public let historyMax: Int

    /// The release that errors are counted for.
    public let release: String

    private let clock: any WallClock
    private let state = Mutex(State())

    /// Creates a tracker.
    ///
    /// - Parameters:
    ///   - release: The program's version.
    ///   - groupsMax: How many groups are kept at most.
    ///   - historyMax: How many single errors are kept at most.
    ///   - clock: Tells when they came.
    public init(
        release: String = "",
        groupsMax: Int = 1000,
        historyMax: Int = 1000,
        clock: any WallClock = SystemWallClock()
    ) {
        self.release = release
        self.groupsMax = max(1, groupsMax)
        self.historyMax = max(1, historyMax)
        self.clock = clock
    }

    /// Takes an error: its type and description, and the span it came up in.
    ///
    /// - Returns: The group's fingerprint.
    @discardableResult
    public func record(_ error: any Error, component: String) -> ErrorFingerprint {
        record(type: "\(Swift.type(of: error))", message: "\(error)", component: component)
    }

    /// Takes an error by its type and words.
    ///
    /// Constant time but for a new group beyond `groupsMax`, which is linear in it.
    ///
    /// - Returns: The group's fingerprint.
    @discardableResult
    public func record(type: String, message: String, component: String) -> ErrorFingerprint {
        let fingerprint = ErrorFingerprint(type: type, message: message, component: component)
        let occurrence = Occurrence(
            time: clock.millisecondsSinceEpoch,
            fingerprint: fingerprint,
            type: type,
            component: component,
            message: String(message.prefix(4096)),
            release: release,
            context: SpanContext.current
        )
        state.withLock { state in
            state.total += 1
            if state.counts[type] != nil || state.counts.count < groupsMax { state.counts[type, default: 0] += 1 }
            Self.keep(occurrence, historyMax, in: &state)
            if var group = state.groups[fingerprint] {
                group.count += 1
                group.message = occurrence.message
                group.lastSeen = occurrence.time
                group.lastRelease = release
                if let context = occurrence.context, group.exampleTrace?.isSampled != true {
                    group.exampleTrace = context
                }
                state.groups[fingerprint] = group
                return
            }
            if state.groups.count >= groupsMax, let oldest = state.groups.values.min(by: { $0.lastSeen < $1.lastSeen })
            {
                state.groups[oldest.fingerprint] = nil
                state.forgotten += 1
            }
            state.groups[fingerprint] = ErrorGroup(
                fingerprint: fingerprint,
                type: type,
                component: component,
                message: occurrence.message,
                count: 1,
                firstSeen: occurrence.time,
                lastSeen: occurrence.time,
                firstRelease: release,
                lastRelease: release,
                exampleTrace: occurrence.context
            )
        }
        return fingerprint
    }

    /// The groups, the latest seen first.
    public var groups: [ErrorGroup] {
        state.withLock { Array($0.groups.values) }.sorted {
            ($1.lastSeen, $0.fingerprint.value) < ($0.lastSeen, $1.fingerprint.value)
        }
    }

    /// The single errors that are kept, the oldest first.
    public var history: [Occurrence] {
        state.withLock { Array($0.history[$0.historyStart...] + $0.history[..<$0.historyStart]) }
    }

    /// How many errors came of each type; for a counter with the label `type`.
    public var counts: [String: UInt64] { state.withLock { $0.counts } }

    /// How many errors came in all.
    public var total: UInt64 { state.withLock { $0.total } }

    /// How many groups made room for others.
    public var forgottenGroups: UInt64 { state.withLock { $0.forgotten } }

    private static func keep(_ occurrence: Occurrence, _ historyMax: Int, in state: inout State) {
        if state.history.count < historyMax {
            state.history.append(occurrence)
        } else {
            state.history[state.historyStart] = occurrence
            state.historyStart = (state.historyStart + 1) % historyMax
        }
    }
}
