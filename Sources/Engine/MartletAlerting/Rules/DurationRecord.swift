/// How long something took, again and again: the sum of all times and the distribution of the latest.
public struct DurationRecord: Sendable {
    /// How many of the latest are kept.
    static let capacity = 512

    /// How many there were.
    public private(set) var count: UInt64 = 0

    /// Their sum in seconds.
    public private(set) var sum = 0.0

    private var latest: [Double] = []
    private var next = 0

    /// Adds one, in seconds.
    mutating func add(_ seconds: Double) {
        count += 1
        sum += seconds
        if latest.count < Self.capacity {
            latest.append(seconds)
        } else {
            latest[next] = seconds
            next = (next + 1) % Self.capacity
        }
    }

    /// The latest durations, in seconds; for quantiles over several records together.
    public var recent: [Double] { latest }
}
