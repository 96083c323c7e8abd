import MartletSeries

/// All silences: those that hold, those to come, and those that ended not long ago.
public struct SilenceBook: Sendable {
    /// Why a silence is not taken.
    public enum Refusal: Error, Hashable, CustomStringConvertible {
        /// No silence has the id.
        case unknown(String)
        /// The silence makes no sense; the text says why.
        case invalid(String)
        /// There are as many as may be.
        case full(Int)

        /// What is wrong, in Alertmanager's words where it has some.
        public var description: String {
            switch self {
            case .unknown(let id): "silence \(id) not found"
            case .invalid(let text): text
            case .full(let count): "there are \(count) silences already; expire some first"
            }
        }
    }

    /// How many silences there may be that are not over.
    public static let countMax = 10_000

    /// How long silences are kept after their end, in milliseconds: five days, as with Alertmanager.
    public static let retention: Int64 = 120 * 3600 * 1000

    /// The silences by their id.
    public private(set) var silences: [String: Silence] = [:]

    /// Creates an empty book.
    public init() {}

    /// Takes a silence in, or changes one that has its id.
    ///
    /// One that cannot be changed in place, because its matchers are others or it is over, ends, and a new one is made.
    ///
    /// - Parameters:
    ///   - silence: The silence; with an empty id it is a new one.
    ///   - newID: A fresh id, should one be needed.
    ///   - time: Now, in milliseconds since the epoch.
    /// - Returns: The silences that changed; the last is the one asked for.
    /// - Throws: ``Refusal``.
    public mutating func set(
        _ silence: Silence,
        newID: @autoclosure () -> String,
        at time: Int64
    ) throws(Refusal) -> [Silence] {
        var wanted = silence
        wanted.updatedAt = time
        let earlier = silence.id.isEmpty ? nil : silences[silence.id]
        if !silence.id.isEmpty, earlier == nil { throw .unknown(silence.id) }
        if wanted.startsAt < time, earlier == nil || earlier?.state(at: time) == .pending { wanted.startsAt = time }
        try Self.check(wanted, at: time)
        var changed: [Silence] = []
        if var earlier {
            if Self.canChange(earlier, to: wanted, at: time) {
                if earlier.state(at: time) == .active { wanted.startsAt = earlier.startsAt }
                silences[wanted.id] = wanted
                return [wanted]
            }
            if earlier.state(at: time) != .expired {
                Self.end(&earlier, at: time)
                silences[earlier.id] = earlier
                changed = [earlier]
            }
            wanted.startsAt = max(wanted.startsAt, time)
        }
        guard silences.values.count(where: { $0.state(at: time) != .expired }) < Self.countMax else {
            throw .full(Self.countMax)
        }
        wanted.id = newID()
        silences[wanted.id] = wanted
        return changed + [wanted]
    }

    /// Ends a silence now; one that is over stays as it is.
    ///
    /// - Returns: The silence, or `nil` where it was over already.
    /// - Throws: ``Refusal/unknown(_:)``.
    public mutating func expire(_ id: String, at time: Int64) throws(Refusal) -> Silence? {
        guard var silence = silences[id] else { throw .unknown(id) }
        guard silence.state(at: time) != .expired else { return nil }
        Self.end(&silence, at: time)
        silences[id] = silence
        return silence
    }

    /// Takes a silence back as it was before a restart.
    public mutating func restore(_ silence: Silence) { silences[silence.id] = silence }

    /// Forgets silences that ended long ago.
    ///
    /// - Returns: Their ids.
    public mutating func prune(at time: Int64) -> [String] {
        let old = silences.values.filter { $0.endsAt + Self.retention < time }.map(\.id)
        for id in old { silences[id] = nil }
        return old
    }

    /// The silences that hold at a time.
    public func active(at time: Int64) -> [Silence] { silences.values.filter { $0.state(at: time) == .active } }

    /// When a silence begins or ends next, or `nil`.
    public func nextChange(after time: Int64) -> Int64? {
        silences.values.flatMap { [$0.startsAt, $0.endsAt] }.filter { $0 > time }.min()
    }

    private static func end(_ silence: inout Silence, at time: Int64) {
        silence.startsAt = min(silence.startsAt, time)
        silence.endsAt = time
        silence.updatedAt = time
    }

    private static func canChange(_ earlier: Silence, to wanted: Silence, at time: Int64) -> Bool {
        guard earlier.matchers == wanted.matchers else { return false }
        switch earlier.state(at: time) {
        case .active: return wanted.endsAt >= time
        case .pending: return wanted.startsAt >= time
        case .expired: return false
        }
    }

    private static func check(_ silence: Silence, at time: Int64) throws(Refusal) {
        guard !silence.matchers.isEmpty else { throw .invalid("at least one matcher required") }
        guard silence.matchers.contains(where: { !$0.matches("") }) else {
            throw .invalid("at least one matcher must not match the empty string")
        }
        guard silence.endsAt > silence.startsAt else {
            throw .invalid("end time must not be before or equal to start time")
        }
        guard silence.endsAt > time else { throw .invalid("end time can't be in the past") }
        guard silence.comment.contains(where: { !$0.isWhitespace }) else { throw .invalid("comment missing") }
        guard silence.matchers.count <= 100, silence.comment.utf8.count <= 64 << 10 else {
            throw .invalid("a silence has at most 100 matchers and a comment of 64 KiB")
        }
    }
}
