import MartletCore
import MartletSeries

/// Evaluates one query, expression by expression, each over all steps at once.
final class Evaluator {
    let source: any SeriesSource
    let patterns: any PatternCompiler
    let options: QueryEngine.Options
    let querySteps: Steps
    let queryEnd: Int64
    let lookback: Int64
    var annotations: Annotations
    var statistics = QueryResult.Statistics()

    /// What is looked at of the native histograms that are read next.
    var histogramUse = HistogramUse.any

    /// The metric that was last looked at for the name of a counter, in the function that is being evaluated.
    var checkedCounter: String?

    /// The nodes of the plan, where it is asked for.
    var trace = PlanTrace()

    /// What stands in the query more than once.
    var shared = SharedValues()

    let began = ContinuousClock.now
    private(set) var samplesPeak = 0
    private let deadline: ContinuousClock.Instant
    private let isCancelled: @Sendable () -> Bool
    var samplesHeld = 0
    private var labelSetsMade = 0
    private var checks = 0

    init(
        source: any SeriesSource,
        patterns: any PatternCompiler,
        options: QueryEngine.Options,
        text: [UInt8],
        steps: Steps,
        end: Int64,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.source = source
        self.patterns = patterns
        self.options = options
        querySteps = steps
        queryEnd = end
        lookback = options.lookback.milliseconds
        annotations = Annotations(text: text)
        deadline = began + options.timeout
        self.isCancelled = isCancelled
        statistics.steps = steps.count
        if options.countsSamplesPerStep { statistics.samplesPerStep = [Int](repeating: 0, count: steps.count) }
    }

    /// The value of an expression at all steps.
    ///
    /// What does not depend on the time, such as a selector with `@`, is evaluated once. Of the samples that the
    /// evaluation held only those of its value are still held at its end.
    func evaluate(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> StepValue {
        let before = samplesHeld
        let value = try shared(expression, steps) { () throws(PromQLError) in
            try traced(expression, \.size) { () throws(PromQLError) in try evaluated(expression, steps) }
        }
        try keep(value, steps, since: before)
        return value
    }

    /// Counts the samples of a value as all that is held beyond what was before.
    func keep(_ value: StepValue, _ steps: Steps, since before: Int) throws(PromQLError) {
        samplesHeld = before
        switch value {
        case .scalar(let values): try hold(values.count)
        case .vector(let columns): try hold(columns.count * steps.count)
        case .string: break
        }
    }

    private func evaluated(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> StepValue {
        try checkTime()
        if steps.count > 1, expression.isStepInvariant {
            let once = try evaluate(expression, Steps(start: steps.start, interval: 0, count: 1))
            return try repeated(once, steps.count)
        }
        switch expression {
        case .number(let node): return .scalar([Double](repeating: node.value, count: steps.count))
        case .string(let node): return .string(node)
        case .parenthesized(let node): return try evaluate(node.inner, steps)
        case .selector(let node): return .vector(try select(node, steps))
        case .unary(let node): return try evaluate(node, steps)
        case .binary(let node): return try evaluate(node, steps)
        case .aggregation(let node): return .vector(try evaluate(node, steps))
        case .call(let node): return try evaluate(node, steps)
        case .range, .subquery:
            throw .execution("a range vector stands where only a function may take it")
        }
    }

    private func repeated(_ value: StepValue, _ count: Int) throws(PromQLError) -> StepValue {
        switch value {
        case .scalar(let values): return .scalar([Double](repeating: values[0], count: count))
        case .string: return value
        case .vector(let columns):
            try hold(columns.count * (count - 1))
            return .vector(
                columns.map { column in
                    Column(
                        labels: column.labels,
                        dropsName: column.dropsName,
                        values: [Double](repeating: column.values[0], count: count),
                        histograms: column.histogram(0).map { [NativeHistogram?](repeating: $0, count: count) } ?? []
                    )
                }
            )
        }
    }

    /// The vector of an expression that the type check has found to be one.
    func vector(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> [Column] {
        guard case .vector(let columns) = try evaluate(expression, steps) else {
            throw .execution("expected an instant vector, got a \(expression.type.rawValue)")
        }
        return columns
    }

    /// The numbers of an expression that the type check has found to be a scalar.
    func scalar(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> [Double] {
        guard case .scalar(let values) = try evaluate(expression, steps) else {
            throw .execution("expected a scalar, got a \(expression.type.rawValue)")
        }
        return values
    }

    /// The text of an expression that the type check has found to be one.
    func string(_ expression: Expression) throws(PromQLError) -> StringLiteral {
        guard case .string(let literal) = expression.unwrapped else {
            throw .execution("expected a string, got a \(expression.type.rawValue)")
        }
        return literal
    }

    private func evaluate(_ node: UnaryOperation, _ steps: Steps) throws(PromQLError) -> StepValue {
        let value = try evaluate(node.operand, steps)
        guard node.isNegative else { return value }
        switch value {
        case .string: return value
        case .scalar(let values): return .scalar(values.map { -$0 })
        case .vector(let columns):
            return .vector(try mapped(columns, histogram: { $0.multiplied(by: -1) }) { -$0 })
        }
    }

    /// The vector with every value changed and the metric names gone; histograms go where nothing is said of them.
    func mapped(
        _ columns: consuming [Column],
        histogram changeHistogram: ((NativeHistogram) -> NativeHistogram)? = nil,
        _ change: (Double) -> Double
    ) throws(PromQLError) -> [Column] {
        var result = columns
        for index in result.indices {
            if !result[index].histograms.isEmpty {
                result[index].histograms =
                    changeHistogram.map { change in
                        result[index].histograms.map { $0.map(change) }
                    } ?? []
            }
            for step in result[index].values.indices {
                let value = result[index].values[step]
                if !Column.isAbsent(value) { result[index].values[step] = change(value) }
            }
        }
        return try withoutNames(result)
    }
}

extension Evaluator {
    /// Counts samples that the query now holds, and stops it where they are too many.
    func hold(_ count: Int) throws(PromQLError) {
        samplesHeld += count
        if samplesHeld > samplesPeak { samplesPeak = samplesHeld }
        guard samplesHeld <= options.samplesMax else {
            throw .limit(
                "query processing would load too many samples into memory in query execution; "
                    + "at most \(options.samplesMax) are held"
            )
        }
    }

    /// What a label set takes with its texts shared, and what a column takes beside its values, in bytes.
    private static let seriesBytes = 512

    /// Counts series whose label sets the query now holds, and stops it where they take too much memory.
    ///
    /// Label sets are counted as held to the end: what is made of them shares their memory.
    func holdSeries(_ count: Int) throws(PromQLError) {
        labelSetsMade += count
        guard memoryHeld <= options.memoryBytesMax else {
            throw .limit(
                "query needs over \(options.memoryBytesMax >> 20) MiB of memory for \(labelSetsMade) series; "
                    + "ask for fewer series or aggregate them"
            )
        }
    }

    private var memoryHeld: Int { labelSetsMade * Self.seriesBytes + samplesHeld * 8 }

    /// Counts samples that are held for a moment only.
    func lend(_ count: Int) throws(PromQLError) {
        try hold(count)
        samplesHeld -= count
    }

    /// What may still be read.
    var selectionLimit: SelectionLimit {
        let series = max(0, options.memoryBytesMax - memoryHeld) / Self.seriesBytes
        return SelectionLimit(
            samples: max(0, options.samplesMax - samplesHeld),
            series: min(options.seriesMax, series)
        )
    }

    /// Stops the query when its time is up or its asker has gone; looks at the clock now and then only.
    func checkTime() throws(PromQLError) {
        checks &+= 1
        guard checks & 31 == 1 else { return }
        if isCancelled() { throw .cancelled }
        if ContinuousClock.now >= deadline { throw .timeout }
    }

    func unsupported(_ construct: String, _ range: SourceRange) -> PromQLError {
        let (line, column) = annotations.position(of: range)
        return .unsupported(construct: construct, line: line, column: column)
    }
}

extension Duration {
    /// Whole milliseconds, cut off.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
