/// A sum that carries the rounding errors of its additions along.
///
/// - SeeAlso: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974
struct CompensatedSum {
    var sum: Double
    var compensation: Double

    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    /// The sum with its errors; an infinite sum has none.
    var value: Double { sum.isInfinite ? sum : sum + compensation }

    mutating func add(_ increment: Double) {
        let total = sum + increment
        if total.isInfinite {
            compensation = 0
        } else if abs(sum) >= abs(increment) {
            compensation += (sum - total) + increment
        } else {
            compensation += (increment - total) + sum
        }
        sum = total
    }
}

/// A mean that sums first and divides last, until the sum overflows; from then on it is kept as a mean.
struct RunningMean {
    private var total: CompensatedSum
    private var count = 1.0
    private var isIncremental = false

    init(_ first: Double) {
        total = CompensatedSum(first)
    }

    var value: Double {
        if isIncremental { return total.sum + total.compensation }
        return total.sum / count + total.compensation / count
    }

    mutating func add(_ value: Double) {
        count += 1
        if !isIncremental {
            var next = total
            next.add(value)
            if !next.sum.isInfinite {
                total = next
                return
            }
            isIncremental = true
            total.sum /= count - 1
            total.compensation /= count - 1
        }
        let share = (count - 1) / count
        total.sum *= share
        total.compensation *= share
        total.add(value / count)
    }
}
