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
        /// The program it came up in; empty where that is the tracker's own.
        public let service: String
        /// Where in it.
        public let component: String
        /// What it says, some 4 KiB at most.
        public let message: String
        /// The release in which it came.
        public let release: String
        /// The span it came up in.
        public let context: SpanContext?

        /// Creates an error that came up at a time, such as one that another program tells of.
        public init(
            time: Int64,
            type: String,
            message: String,
            service: String = "",
            component: String,
            release: String = "",
            context: SpanContext? = nil
        ) {
            self.time = time
            self.type = type
            self.service = service
            self.component = component
            self.message = message.utf8.count <= 4096 ? message : String(message.prefix(4096))
            self.release = release
            self.context = context
            let place = service.isEmpty ? component : service + "\u{1f}" + component
            fingerprint = ErrorFingerprint(type: type, message: message, component: place)
        }
    }

    /// What errors are counted by.
    public struct Kind: Sendable, Hashable {
        /// The program they came up in; empty where that is the tracker's own.
        public let service: String
        /// Their type.
        public let type: String
    }

    private struct State {
        var groups: [ErrorFingerprint: ErrorGroup] = [:]
        var history: [Occurrence] = []
        var historyStart = 0
        var counts: [Kind: UInt64] = [:]
        var uncounted: UInt64 = 0
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
        let occurrence = Occurrence(
            time: clock.millisecondsSinceEpoch,
            type: type,
            message: message,
            component: component,
            release: release,
            context: SpanContext.current
        )
        record(occurrence)
        return occurrence.fingerprint
    }

    /// Takes an error that came up elsewhere, or earlier; those of one group may come in any order.
    public func record(_ occurrence: Occurrence) {
        let kind = Kind(service: occurrence.service, type: occurrence.type)
        state.withLock { state in
            state.total += 1
            if state.counts[kind] != nil || state.counts.count < groupsMax {
                state.counts[kind, default: 0] += 1
            } else {
                state.uncounted += 1
            }
            Self.keep(occurrence, historyMax, in: &state)
            if state.groups[occurrence.fingerprint]?.add(occurrence) != nil { return }
            makeRoom(in: &state)
            state.groups[occurrence.fingerprint] = ErrorGroup(first: occurrence)
        }
    }

    /// Takes over a group that was counted before, such as one kept over a restart; what is known of it already is added to.
    public func restore(_ group: ErrorGroup) {
        state.withLock { state in
            if state.groups[group.fingerprint]?.add(group) != nil { return }
            makeRoom(in: &state)
            state.groups[group.fingerprint] = group
        }
    }

    private func makeRoom(in state: inout State) {
        guard state.groups.count >= groupsMax,
            let oldest = state.groups.values.min(by: { $0.lastSeen < $1.lastSeen })
        else { return }
        state.groups[oldest.fingerprint] = nil
        state.forgotten += 1
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
    public var counts: [String: UInt64] {
        state.withLock { state in
            Dictionary(state.counts.map { ($0.key.type, $0.value) }, uniquingKeysWith: +)
        }
    }

    /// How many errors came of each type in each program, of the first `groupsMax` such pairs.
    public var countsByService: [Kind: UInt64] { state.withLock { $0.counts } }

    /// How many errors are in no pair of ``countsByService``, because there were too many.
    public var uncounted: UInt64 { state.withLock { $0.uncounted } }

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
