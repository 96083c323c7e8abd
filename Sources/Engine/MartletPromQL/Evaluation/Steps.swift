/// The times at which an expression is evaluated: evenly spaced, in milliseconds.
struct Steps: Hashable {
    var start: Int64
    var interval: Int64
    var count: Int

    /// The last time.
    var end: Int64 { time(count - 1) }

    func time(_ index: Int) -> Int64 { start + Int64(index) * interval }
}
