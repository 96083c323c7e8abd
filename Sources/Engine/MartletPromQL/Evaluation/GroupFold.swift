import MartletCore

/// Aggregates of groups over all steps, to which members are added one by one.
protocol GroupFold: Sendable {
    /// Makes room for a group.
    mutating func open()

    /// Adds the values of a member of a group, absent ones among them.
    mutating func add(_ values: [Double], to group: Int)

    /// The aggregate of a group; absent where no member has a value.
    func values(of group: Int) -> [Double]
}

/// The sums of groups, rounding errors carried along.
struct SumFold: GroupFold {
    private let steps: Int
    private var sums: [CompensatedSum] = []

    init(steps: Int) {
        self.steps = steps
    }

    mutating func open() { sums.append(contentsOf: repeatElement(CompensatedSum(Column.absent), count: steps)) }

    mutating func add(_ values: [Double], to group: Int) {
        let values = values.span
        let (steps, first) = (steps, group * steps)
        var sums = sums.mutableSpan
        for step in 0..<steps {
            let value = values[step]
            if Column.isAbsent(value) { continue }
            if Column.isAbsent(sums[first + step].sum) {
                sums[first + step].sum = value
            } else {
                sums[first + step].add(value)
            }
        }
    }

    func values(of group: Int) -> [Double] {
        sums[(group * steps)..<((group + 1) * steps)].map { Column.isAbsent($0.sum) ? Column.absent : $0.value }
    }
}

/// The least or the greatest of each group; any number is better than not a number.
struct ExtremeFold: GroupFold {
    private let steps: Int
    private let isMaximum: Bool
    private var best: [Double] = []

    init(steps: Int, isMaximum: Bool) {
        (self.steps, self.isMaximum) = (steps, isMaximum)
    }

    mutating func open() { best.append(contentsOf: repeatElement(Column.absent, count: steps)) }

    mutating func add(_ values: [Double], to group: Int) {
        let values = values.span
        let (steps, isMaximum, first) = (steps, isMaximum, group * steps)
        var best = best.mutableSpan
        for step in 0..<steps {
            let value = values[step]
            if Column.isAbsent(value) { continue }
            let known = best[first + step]
            if known.isNaN || (isMaximum ? known < value : known > value) { best[first + step] = value }
        }
    }

    func values(of group: Int) -> [Double] { Array(best[(group * steps)..<((group + 1) * steps)]) }
}

/// How many members with a value each group has, or that it has one.
struct CountFold: GroupFold {
    private let steps: Int
    private let isPresence: Bool
    private var counts: [Double] = []

    init(steps: Int, isPresence: Bool) {
        (self.steps, self.isPresence) = (steps, isPresence)
    }

    mutating func open() { counts.append(contentsOf: repeatElement(0, count: steps)) }

    mutating func add(_ values: [Double], to group: Int) {
        let values = values.span
        let (steps, first) = (steps, group * steps)
        var counts = counts.mutableSpan
        for step in 0..<steps where !Column.isAbsent(values[step]) { counts[first + step] += 1 }
    }

    func values(of group: Int) -> [Double] {
        counts[(group * steps)..<((group + 1) * steps)].map { $0 == 0 ? Column.absent : isPresence ? 1 : $0 }
    }
}

/// The means of groups, or their variances or standard deviations.
struct StateFold<State: Sendable>: GroupFold {
    private let steps: Int
    private let start: @Sendable (Double) -> State
    private let add: @Sendable (inout State, Double) -> Void
    private let value: @Sendable (State) -> Double
    private var states: [State?] = []

    init(
        steps: Int,
        _ start: @escaping @Sendable (Double) -> State,
        _ add: @escaping @Sendable (inout State, Double) -> Void,
        _ value: @escaping @Sendable (State) -> Double
    ) {
        self.steps = steps
        self.start = start
        self.add = add
        self.value = value
    }

    mutating func open() { states.append(contentsOf: repeatElement(nil, count: steps)) }

    mutating func add(_ values: [Double], to group: Int) {
        let first = group * steps
        for step in 0..<steps where !Column.isAbsent(values[step]) {
            if var state = states[first + step] {
                add(&state, values[step])
                states[first + step] = state
            } else {
                states[first + step] = start(values[step])
            }
        }
    }

    func values(of group: Int) -> [Double] {
        states[(group * steps)..<((group + 1) * steps)].map { $0.map(value) ?? Column.absent }
    }
}
