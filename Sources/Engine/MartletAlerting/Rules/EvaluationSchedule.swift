/// When a rule group is evaluated: at whole intervals of the clock, shifted by an offset that spreads the groups.
///
/// The offset comes from the group's file and name alone, so that a group is evaluated at the same times after a
/// restart, and the samples of its rules keep their distances.
public struct EvaluationSchedule: Hashable, Sendable {
    /// The interval in milliseconds.
    public let interval: Int64

    /// The offset into each interval, in milliseconds.
    public let offset: Int64

    /// Creates the schedule of a group.
    ///
    /// - Precondition: The group's interval is at least one millisecond.
    public init(_ group: RuleGroup) {
        interval = group.interval.wholeMilliseconds
        precondition(interval > 0, "a rule group's interval must be at least 1ms; got \(group.interval)")
        let hash = Fingerprint.hash([group.file, group.name])
        offset = Int64(hash % UInt64(interval))
    }

    /// The latest time of an evaluation that is not after a time; all in milliseconds since the epoch.
    public func latest(notAfter time: Int64) -> Int64 {
        let shifted = time - offset
        let remainder = ((shifted % interval) + interval) % interval
        return shifted - remainder + offset
    }

    /// The first time of an evaluation after a time.
    public func next(after time: Int64) -> Int64 { latest(notAfter: time) + interval }
}
