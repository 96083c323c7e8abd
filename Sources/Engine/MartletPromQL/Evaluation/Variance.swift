/// The population variance of numbers that come one by one, by Welford's method with compensated sums.
struct Variance {
    private var count = 0.0
    private var mean = CompensatedSum()
    private var squares = CompensatedSum()

    init(_ first: Double) {
        add(first)
    }

    var value: Double { (squares.sum + squares.compensation) / count }

    var deviation: Double { value.squareRoot() }

    mutating func add(_ value: Double) {
        count += 1
        let delta = value - (mean.sum + mean.compensation)
        mean.add(delta / count)
        squares.add(delta * (value - (mean.sum + mean.compensation)))
    }
}
